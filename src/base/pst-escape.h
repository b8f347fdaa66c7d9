/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *pst_escape_name (const char *name, gssize length);

G_END_DECLS

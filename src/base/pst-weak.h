/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

GWeakRef *pst_weak_ref_new (gpointer object);
void pst_weak_ref_free (gpointer weak);

G_END_DECLS

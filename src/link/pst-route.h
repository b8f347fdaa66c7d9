/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-peer.h"

G_BEGIN_DECLS

char *pst_route_format_end (const char *address, guint port, const char *type);
PstRoute pst_route_classify (const char *local_end,
                             GPtrArray *local_candidates,
                             const char *remote_end,
                             GPtrArray *remote_candidates);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

GSocket *pst_multicast_open (GSocketFamily family, gboolean must_hear, GError **error);
void pst_multicast_go_round (GSocket *socket, const char *text);
gboolean pst_multicast_is_neighbour (GSocketAddress *source);

G_END_DECLS

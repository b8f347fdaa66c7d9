/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Addresses of servers as a person types them: of a rendezvous server; of STUN and TURN
 * servers (RFC 7064 and 7065, with the two slashes that GStreamer wants). */

GUri *pst_server_uri_parse_websocket (const char *text);
GUri *pst_server_uri_parse_stun (const char *text);
GUri *pst_server_uri_parse_turn (const char *text);
gboolean pst_server_uri_is_turn_over_tls (const char *text);

G_END_DECLS

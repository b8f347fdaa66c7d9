/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Addresses of servers as a person types them: usable, or a translated sentence
 * that says why not. Nothing is asked of the network. */

gboolean pst_address_check_server (const char *text, GError **error);
gboolean pst_address_check_stun (const char *text, GError **error);
gboolean pst_address_check_turn (const char *text, GError **error);
char *pst_address_dup_turn_display (const char *text);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean pst_cli_value_refuse (GError **error, const char *sentence);

gboolean pst_cli_value_parse_rate (const char *text, guint64 *rate_bps, GError **error);
gboolean pst_cli_value_parse_number (const char *text,
                                     guint64 min,
                                     guint64 max,
                                     const char *option,
                                     guint64 *number,
                                     GError **error);
gboolean pst_cli_value_parse_wait (const char *text, guint *wait_s, GError **error);
gboolean pst_cli_value_check_server (const char *text, GError **error);
gboolean pst_cli_value_check_stun (const char *text, GError **error);
gboolean pst_cli_value_check_turn (const char *text, GError **error);

G_END_DECLS

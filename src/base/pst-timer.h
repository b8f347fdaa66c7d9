/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

void pst_timer_set (GSource **timer, guint delay_ms, GSourceFunc callback, gpointer user_data);
void pst_timer_clear (GSource **timer);

G_END_DECLS

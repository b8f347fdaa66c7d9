/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-timer.h"

/**
 * pst_timer_set:
 * @timer: (inout): where the timer is kept; one that is there is replaced
 * @delay_ms: when, and how often as long as @callback returns %G_SOURCE_CONTINUE
 * @callback: what to call; if it returns %G_SOURCE_REMOVE, it clears @timer first
 * @user_data: for @callback; must outlive the timer
 *
 * Starts a timer in the main context that is thread-default now: the one its
 * owner lives in, which g_timeout_add() does not ask for.
 */
void
pst_timer_set (GSource **timer, guint delay_ms, GSourceFunc callback, gpointer user_data)
{
  pst_timer_clear (timer);
  *timer = g_timeout_source_new (delay_ms);
  g_source_set_callback (*timer, callback, user_data, NULL);
  g_source_attach (*timer, g_main_context_get_thread_default ());
}

/**
 * pst_timer_clear:
 * @timer: (inout): where the timer is kept; %NULL if there is none
 *
 * Stops the timer. May be called from its own callback.
 */
void
pst_timer_clear (GSource **timer)
{
  if (*timer == NULL)
    return;

  g_source_destroy (*timer);
  g_clear_pointer (timer, g_source_unref);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "pst-session.h"

G_BEGIN_DECLS

/* Which page the window shows: one function of what is known. */

typedef enum
{
  PST_WINDOW_PAGE_START,
  PST_WINDOW_PAGE_WAITING,
  PST_WINDOW_PAGE_RECEIVE,
  PST_WINDOW_PAGE_OFFER,
  PST_WINDOW_PAGE_TRANSFERS,
  PST_WINDOW_PAGE_FAILURE
} PstWindowPage;

#define PST_WINDOW_N_PAGES (PST_WINDOW_PAGE_FAILURE + 1)

/**
 * PstWindowFacts:
 * @has_session: there is a session, alive or ended
 * @state: its state
 * @hosting: it shows the code
 * @was_connected: it has been connected, now or before
 * @n_transfers: its transfers, whatever their state
 * @n_offers: those of theirs that wait for an answer
 * @offers_put_off: the person wants to see the transfers first
 * @entering: the person wants to enter a code
 * @failed: a session without transfers ended with an error that the person has
 *   not dismissed
 *
 * What decides about the page.
 */
typedef struct
{
  gboolean has_session;
  PstSessionState state;
  gboolean hosting;
  gboolean was_connected;
  guint n_transfers;
  guint n_offers;
  gboolean offers_put_off;
  gboolean entering;
  gboolean failed;
} PstWindowFacts;

PstWindowPage pst_window_page_decide (const PstWindowFacts *facts);
gboolean pst_window_page_has_back (PstWindowPage page, const PstWindowFacts *facts);
const char *pst_window_page_to_name (PstWindowPage page);

G_END_DECLS

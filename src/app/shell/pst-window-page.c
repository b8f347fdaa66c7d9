/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-window-page.h"

static PstWindowPage
decide_connected (const PstWindowFacts *facts)
{
  if (facts->n_offers > 0 && !facts->offers_put_off)
    return PST_WINDOW_PAGE_OFFER;

  return PST_WINDOW_PAGE_TRANSFERS;
}

static PstWindowPage
decide_without_session (const PstWindowFacts *facts)
{
  if (facts->failed)
    return PST_WINDOW_PAGE_FAILURE;

  return facts->entering ? PST_WINDOW_PAGE_RECEIVE : PST_WINDOW_PAGE_START;
}

/**
 * pst_window_page_decide:
 * @facts: what is known
 *
 * Decides which page the window shows.
 *
 * Returns: the page
 */
PstWindowPage
pst_window_page_decide (const PstWindowFacts *facts)
{
  if (!facts->has_session)
    return decide_without_session (facts);

  switch (facts->state)
    {
    case PST_SESSION_NEW:
    case PST_SESSION_STARTING:
    case PST_SESSION_WAITING:
    case PST_SESSION_PAIRING:
    case PST_SESSION_CONNECTING:
      return facts->hosting ? PST_WINDOW_PAGE_WAITING : PST_WINDOW_PAGE_RECEIVE;

    case PST_SESSION_CONNECTED:
    case PST_SESSION_RECONNECTING:
      return decide_connected (facts);

    case PST_SESSION_CLOSING:
    case PST_SESSION_CLOSED:
    default:
      if (facts->was_connected && (facts->n_transfers > 0 || facts->state == PST_SESSION_CLOSING))
        return PST_WINDOW_PAGE_TRANSFERS;
      return decide_without_session (facts);
    }
}

/**
 * pst_window_page_has_back:
 * @page: a page
 * @facts: what is known
 *
 * Whether there is a way back from a page: not from a connection that lives,
 * which is ended by “Disconnect”.
 *
 * Returns: %TRUE if there is
 */
gboolean
pst_window_page_has_back (PstWindowPage page, const PstWindowFacts *facts)
{
  switch (page)
    {
    case PST_WINDOW_PAGE_WAITING:
    case PST_WINDOW_PAGE_RECEIVE:
    case PST_WINDOW_PAGE_OFFER:
    case PST_WINDOW_PAGE_FAILURE:
      return TRUE;

    case PST_WINDOW_PAGE_TRANSFERS:
      return facts->state == PST_SESSION_CLOSED;

    case PST_WINDOW_PAGE_START:
    default:
      return FALSE;
    }
}

/**
 * pst_window_page_to_name:
 * @page: a page
 *
 * Gives the name of a page in the window's stack.
 *
 * Returns: (transfer none): the name
 */
const char *
pst_window_page_to_name (PstWindowPage page)
{
  static const char *const names[PST_WINDOW_N_PAGES] = { "start", "waiting",   "receive",
                                                         "offer", "transfers", "failure" };

  g_return_val_if_fail ((guint)page < PST_WINDOW_N_PAGES, NULL);

  return names[page];
}

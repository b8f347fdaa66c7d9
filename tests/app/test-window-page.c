/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-window-page.h"

typedef struct
{
  const char *name;
  PstWindowFacts facts;
  PstWindowPage page;
  gboolean back;
} Case;

#define SESSION(...)                 \
  {                                  \
    .has_session = TRUE, __VA_ARGS__ \
  }

static const Case cases[] = {
  { "nothing", { .state = PST_SESSION_CLOSED }, PST_WINDOW_PAGE_START, FALSE },
  { "receive-asked-for", { .entering = TRUE }, PST_WINDOW_PAGE_RECEIVE, TRUE },
  { "failed", { .failed = TRUE }, PST_WINDOW_PAGE_FAILURE, TRUE },
  { "failed-before-asked", { .failed = TRUE, .entering = TRUE }, PST_WINDOW_PAGE_FAILURE, TRUE },

  { "host-new", SESSION (.hosting = TRUE), PST_WINDOW_PAGE_WAITING, TRUE },
  { "host-starting", SESSION (.state = PST_SESSION_STARTING, .hosting = TRUE),
    PST_WINDOW_PAGE_WAITING, TRUE },
  { "host-waiting", SESSION (.state = PST_SESSION_WAITING, .hosting = TRUE, .n_transfers = 2),
    PST_WINDOW_PAGE_WAITING, TRUE },
  { "host-pairing", SESSION (.state = PST_SESSION_PAIRING, .hosting = TRUE),
    PST_WINDOW_PAGE_WAITING, TRUE },
  { "host-connecting", SESSION (.state = PST_SESSION_CONNECTING, .hosting = TRUE),
    PST_WINDOW_PAGE_WAITING, TRUE },
  { "guest-starting", SESSION (.state = PST_SESSION_STARTING, .entering = TRUE),
    PST_WINDOW_PAGE_RECEIVE, TRUE },
  { "guest-connecting", SESSION (.state = PST_SESSION_CONNECTING, .entering = TRUE),
    PST_WINDOW_PAGE_RECEIVE, TRUE },
  { "guest-with-files", SESSION (.state = PST_SESSION_WAITING, .n_transfers = 1),
    PST_WINDOW_PAGE_RECEIVE, TRUE },

  { "connected", SESSION (.state = PST_SESSION_CONNECTED, .was_connected = TRUE),
    PST_WINDOW_PAGE_TRANSFERS, FALSE },
  { "offer",
    SESSION (
            .state = PST_SESSION_CONNECTED, .was_connected = TRUE, .n_offers = 1, .n_transfers = 1),
    PST_WINDOW_PAGE_OFFER, TRUE },
  { "offer-put-off",
    SESSION (.state = PST_SESSION_CONNECTED,
             .was_connected = TRUE,
             .n_offers = 2,
             .n_transfers = 2,
             .offers_put_off = TRUE),
    PST_WINDOW_PAGE_TRANSFERS, FALSE },

  { "reconnecting", SESSION (.state = PST_SESSION_RECONNECTING, .was_connected = TRUE),
    PST_WINDOW_PAGE_TRANSFERS, FALSE },
  { "reconnecting-with-an-offer",
    SESSION (.state = PST_SESSION_RECONNECTING,
             .was_connected = TRUE,
             .n_offers = 1,
             .n_transfers = 1),
    PST_WINDOW_PAGE_OFFER, TRUE },

  { "closing", SESSION (.state = PST_SESSION_CLOSING, .was_connected = TRUE),
    PST_WINDOW_PAGE_TRANSFERS, FALSE },
  { "ended-with-transfers",
    SESSION (.state = PST_SESSION_CLOSED, .was_connected = TRUE, .n_transfers = 1),
    PST_WINDOW_PAGE_TRANSFERS, TRUE },
  { "ended-with-a-stale-offer",
    SESSION (.state = PST_SESSION_CLOSED, .was_connected = TRUE, .n_transfers = 1, .n_offers = 1),
    PST_WINDOW_PAGE_TRANSFERS, TRUE },
  { "ended-without", SESSION (.state = PST_SESSION_CLOSED, .was_connected = TRUE),
    PST_WINDOW_PAGE_START, FALSE },
  { "ended-unconnected",
    SESSION (.state = PST_SESSION_CLOSED, .hosting = TRUE, .n_transfers = 1, .failed = TRUE),
    PST_WINDOW_PAGE_FAILURE, TRUE },
  { "cancelled-unconnected",
    SESSION (.state = PST_SESSION_CLOSING, .hosting = TRUE, .n_transfers = 1),
    PST_WINDOW_PAGE_START, FALSE },
};

static void
test_case (gconstpointer data)
{
  const Case *c = data;
  PstWindowPage page = pst_window_page_decide (&c->facts);

  g_assert_cmpstr (pst_window_page_to_name (page), ==, pst_window_page_to_name (c->page));
  g_assert_cmpint (pst_window_page_has_back (page, &c->facts), ==, c->back);
}

/* Whatever is known, no page of a connection is shown without one. */
static void
test_all (void)
{
  for (guint bits = 0; bits < 1 << 8; bits++)
    for (PstSessionState state = PST_SESSION_NEW; state <= PST_SESSION_CLOSED; state++)
      {
        PstWindowFacts facts = {
          .has_session = bits & 1,
          .hosting = bits >> 1 & 1,
          .was_connected = bits >> 2 & 1,
          .n_transfers = bits >> 3 & 1,
          .n_offers = bits >> 4 & 1,
          .offers_put_off = bits >> 5 & 1,
          .entering = bits >> 6 & 1,
          .failed = bits >> 7 & 1,
          .state = state,
        };
        PstWindowPage page = pst_window_page_decide (&facts);
        gboolean together
            = state == PST_SESSION_CONNECTED || state == PST_SESSION_RECONNECTING;

        if (page == PST_WINDOW_PAGE_OFFER)
          g_assert_true (facts.has_session && together && facts.n_offers > 0);
        if (page == PST_WINDOW_PAGE_TRANSFERS || page == PST_WINDOW_PAGE_WAITING)
          g_assert_true (facts.has_session);
        if (page == PST_WINDOW_PAGE_FAILURE)
          g_assert_true (facts.failed);
        if (facts.has_session && together)
          g_assert_true (page == PST_WINDOW_PAGE_OFFER || page == PST_WINDOW_PAGE_TRANSFERS);
        if (page != PST_WINDOW_PAGE_START && page != PST_WINDOW_PAGE_TRANSFERS)
          g_assert_true (pst_window_page_has_back (page, &facts));
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/window-page/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/window-page/all", test_all);
  return g_test_run ();
}

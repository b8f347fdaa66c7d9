/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hostile-states.h"

#include <sodium.h>

void
hostile_say_done (Pair *pair, guint32 id, guint32 entry, gsize n_bytes)
{
  g_autofree guint8 *zeros = g_malloc0 (n_bytes + 1);
  guint8 digest[PST_DIGEST_BYTES];
  char hex[2 * sizeof digest + 1];
  g_autofree char *json = NULL;

  crypto_generichash (digest, sizeof digest, zeros, n_bytes, NULL, 0);
  json = g_strdup_printf ("{\"t\":\"entry-done\",\"id\":%u,\"entry\":%u,\"size\":%" G_GSIZE_FORMAT
                          ",\"digest\":\"%s\"}",
                          id, entry, n_bytes,
                          sodium_bin2hex (hex, sizeof hex, digest, sizeof digest));
  hostile_say (pair, json);
}

static void
reach_new (Pair *pair)
{
}

static void
reach_greeted (Pair *pair)
{
  hostile_say (pair, HELLO);
}

static void
reach_listing (Pair *pair)
{
  reach_greeted (pair);
  hostile_say (pair, PART (2, 0, false, F));
}

static void
reach_offered (Pair *pair)
{
  reach_listing (pair);
  hostile_say (pair, PART (2, 1, true, G));
  wait_for (pair->incoming != NULL);
}

static void
reach_declined (Pair *pair)
{
  reach_offered (pair);
  pst_transfer_decline (pair->incoming);
}

static void
reach_receiving (Pair *pair)
{
  reach_offered (pair);
  pair_accept (pair);
  hostile_say_data (pair, 2, 0, 0, 1000);
}

static void
reach_paused (Pair *pair)
{
  reach_receiving (pair);
  pst_transfer_pause (pair->incoming);
}

static void
reach_they_paused (Pair *pair)
{
  reach_receiving (pair);
  hostile_say (pair, "{\"t\":\"pause\",\"id\":2}");
}

static void
reach_between (Pair *pair)
{
  reach_receiving (pair);
  hostile_say_data (pair, 2, 0, 1000, 50000);
  hostile_say_data (pair, 2, 0, 51000, F_BYTES - 51000);
  hostile_say_done (pair, 2, 0, F_BYTES);
  wait_for (pst_transfer_get_done_files (pair->incoming) == 1);
}

static void
reach_received (Pair *pair)
{
  reach_between (pair);
  hostile_say_data (pair, 2, 1, 0, 5);
  hostile_say_done (pair, 2, 1, 5);
  wait_for (pst_transfer_get_state (pair->incoming) == PST_TRANSFER_DONE);
}

static void
reach_cancelled (Pair *pair)
{
  reach_receiving (pair);
  hostile_wait (pair);
  pst_transfer_cancel (pair->incoming);
}

static void
reach_they_stopped (Pair *pair)
{
  reach_receiving (pair);
  hostile_say (pair, "{\"t\":\"cancel\",\"id\":2,\"reason\":\"source\"}");
}

static void
replace_link (Pair *pair)
{
  hostile_wait (pair);
  pair_cut (pair);
  pair_mend (pair);
}

static void
reach_back_new (Pair *pair)
{
  reach_receiving (pair);
  replace_link (pair);
}

static void
reach_back (Pair *pair)
{
  reach_back_new (pair);
  hostile_say (pair, HELLO);
}

static void
reach_kept (Pair *pair)
{
  reach_back (pair);
  hostile_say (pair, "{\"t\":\"keep\",\"id\":2}");
  wait_for (pair->heard.n_controls[PST_CONTROL_HAVE] == 1);
}

static void
reach_offering (Pair *pair)
{
  g_free (pair_make_file (pair, "mine", F_BYTES));
  hostile_say (pair, HELLO);
  pair->outgoing = g_object_ref (pair_offer (pair, "mine"));
  wait_for (pst_transfer_get_state (pair->outgoing) == PST_TRANSFER_OFFERED);
}

static void
reach_they_check (Pair *pair)
{
  reach_offering (pair);
  hostile_say (pair, "{\"t\":\"checking\",\"id\":1,\"checked\":10,\"total\":20}");
  wait_for (pst_transfer_get_state (pair->outgoing) == PST_TRANSFER_CHECKING);
}

static void
reach_sending (Pair *pair)
{
  reach_offering (pair);
  hostile_say (pair, "{\"t\":\"accept\",\"id\":1,\"window\":70000}");
  wait_for (pair->heard.data_bytes == PST_FRAME_MAX_DATA_BYTES);
}

static void
reach_send_paused (Pair *pair)
{
  reach_sending (pair);
  pst_transfer_pause (pair->outgoing);
}

static void
reach_send_held (Pair *pair)
{
  reach_sending (pair);
  hostile_say (pair, "{\"t\":\"pause\",\"id\":1}");
}

static void
reach_all_sent (Pair *pair)
{
  reach_offering (pair);
  hostile_say (pair, "{\"t\":\"accept\",\"id\":1,\"window\":1048576}");
  wait_for (pst_transfer_get_state (pair->outgoing) == PST_TRANSFER_VERIFYING);
}

static void
reach_sent (Pair *pair)
{
  reach_all_sent (pair);
  hostile_say (pair, "{\"t\":\"verified\",\"id\":1,\"files\":1,\"failed\":0}");
  wait_for (pst_transfer_get_state (pair->outgoing) == PST_TRANSFER_DONE);
}

static void
reach_refused (Pair *pair)
{
  reach_offering (pair);
  hostile_say (pair, "{\"t\":\"decline\",\"id\":1}");
}

static void
reach_send_new (Pair *pair)
{
  reach_sending (pair);
  replace_link (pair);
}

static void
reach_send_back (Pair *pair)
{
  reach_send_new (pair);
  hostile_say (pair, HELLO);
}

static void
reach_send_kept (Pair *pair)
{
  reach_send_back (pair);
  hostile_say (pair, "{\"t\":\"have\",\"id\":1,\"parts\":1,\"entry\":0,\"offset\":300,"
                     "\"written\":200,\"window\":0}");
}

static void
reach_offer_back (Pair *pair)
{
  reach_offering (pair);
  replace_link (pair);
  hostile_say (pair, HELLO);
}

static void
reach_left (Pair *pair)
{
  reach_receiving (pair);
  hostile_say (pair, "{\"t\":\"bye\"}");
}

static void
reach_left_here (Pair *pair)
{
  reach_receiving (pair);
  hostile_wait (pair);
  pst_exchange_say_bye (pair->a, NULL);
  pst_exchange_close (pair->a, NULL);
}

const HostileState hostile_states[N_AT] = {
  [AT_NEW] = { "new", reach_new, "" },
  [AT_GREETED] = { "greeted", reach_greeted, "" },
  [AT_LISTING] = { "listing", reach_listing, "" },
  [AT_OFFERED] = { "offered", reach_offered, "" },
  [AT_DECLINED] = { "declined", reach_declined, "" },
  [AT_RECEIVING] = { "receiving", reach_receiving, "" },
  [AT_PAUSED] = { "paused", reach_paused, "" },
  [AT_THEY_PAUSED] = { "they-paused", reach_they_paused, "" },
  [AT_BETWEEN] = { "between", reach_between, "f" },
  [AT_RECEIVED] = { "received", reach_received, "fg" },
  [AT_CANCELLED] = { "cancelled", reach_cancelled, "" },
  [AT_THEY_STOPPED] = { "they-stopped", reach_they_stopped, "" },
  [AT_BACK_NEW] = { "back-new", reach_back_new, "" },
  [AT_BACK] = { "back", reach_back, "" },
  [AT_KEPT] = { "kept", reach_kept, "" },
  [AT_OFFERING] = { "offering", reach_offering, "" },
  [AT_THEY_CHECK] = { "they-check", reach_they_check, "" },
  [AT_SENDING] = { "sending", reach_sending, "" },
  [AT_SEND_PAUSED] = { "send-paused", reach_send_paused, "" },
  [AT_SEND_HELD] = { "send-held", reach_send_held, "" },
  [AT_ALL_SENT] = { "all-sent", reach_all_sent, "" },
  [AT_SENT] = { "sent", reach_sent, "" },
  [AT_REFUSED] = { "refused", reach_refused, "" },
  [AT_SEND_NEW] = { "send-new", reach_send_new, "" },
  [AT_SEND_BACK] = { "send-back", reach_send_back, "" },
  [AT_SEND_KEPT] = { "send-kept", reach_send_kept, "" },
  [AT_OFFER_BACK] = { "offer-back", reach_offer_back, "" },
  [AT_LEFT] = { "left", reach_left, "" },
  [AT_LEFT_HERE] = { "left-here", reach_left_here, "" },
};

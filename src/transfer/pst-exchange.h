/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "pst-channel.h"
#include "pst-transfer.h"

G_BEGIN_DECLS

/* What a stranger may leave lying about with us. */
#define PST_EXCHANGE_MAX_INCOMING             16
#define PST_EXCHANGE_MAX_INCOMING_OFFER_BYTES (48 * 1024 * 1024)

/* Answers go above the high mark too. Whoever asks for more and more of them and
 * reads none makes our buffer grow; an honest side's never comes near twice the
 * highest mark. */
#define PST_EXCHANGE_MAX_UNREAD_BYTES (4 * 1024 * 1024)

/* A person changes their mind so often on one link, and no more. */
#define PST_EXCHANGE_MAX_REMEMBER 16

/* For each link a description, its candidates one by one, and a few words: what is
 * said about further links on one connection. */
#define PST_EXCHANGE_MAX_ABOUT_LINKS 1024

#define PST_TYPE_EXCHANGE (pst_exchange_get_type ())
G_DECLARE_FINAL_TYPE (PstExchange, pst_exchange, PST, EXCHANGE, GObject)

/**
 * PstExchange:
 *
 * Everything that passes over one connection and those that replace it: seals
 * and opens frames, sends control messages, keeps the transfers of both
 * directions apart, and pumps the outgoing ones in turn for as long as credit
 * and buffer allow.
 *
 * Signals:
 * - `ready (void)`: the other side's hello came; once for each channel
 * - `lost (GError *error)`: the channel is gone, the transfers wait for
 *   pst_exchange_attach() or pst_exchange_close()
 * - `remember (gboolean agrees)`: whether the other person wants the two devices to
 *   remember each other; may come several times
 * - `link (guint number, gboolean wanted, JsonObject *signal)`: about a further link of
 *   the channel, which is said to be able to have some: the other side asks for it
 *   (@wanted), its peer signals, or, with neither, it has let go of it
 * - `transfer-added (PstTransfer *transfer)`: ours at once, theirs when its
 *   manifest is complete
 * - `closed (GError *error)`: over; once. %NULL when the other side said
 *   goodbye in peace.
 * - `settled (void)`: no worker reads or writes for any transfer any more;
 *   may come several times
 *
 * Properties (read-only; notify on change, at most ten times a second):
 * "peer-name", "buffered-bytes", "high-mark-bytes", "low-mark-bytes", "buffer-full",
 * "buffer-growth-bps", "congested", "round-trip-us".
 */

/* Why two sides that only receive end it, with PST_ERROR_USAGE; through the mailbox as well. */
#define PST_EXCHANGE_NOBODY_SENDS \
  "Both sides wait to receive something; one of the two has to send."

#define PST_EXCHANGE_N_PROPERTIES 8

void pst_exchange_fill_properties (GParamSpec *specs[PST_EXCHANGE_N_PROPERTIES]);
PstExchange *pst_exchange_new (PstChannel *channel,
                               gboolean offerer,
                               GBytes *send_key,
                               GBytes *receive_key,
                               const char *display_name,
                               guint64 limit_bps,
                               gboolean only_receives);
void pst_exchange_set_journals (PstExchange *self, const char *folder);
void pst_exchange_attach (PstExchange *self,
                          PstChannel *channel,
                          GBytes *send_key,
                          GBytes *receive_key);
void pst_exchange_detach (PstExchange *self);
gboolean pst_exchange_is_attached (PstExchange *self);
PstTransfer *pst_exchange_offer (PstExchange *self, const char *const *paths);
void pst_exchange_remember (PstExchange *self, gboolean agrees);
void pst_exchange_say_link (PstExchange *self, guint number, gboolean wanted, JsonObject *signal);
guint pst_exchange_get_peer_most_links (PstExchange *self);
const char *pst_exchange_get_peer_name (PstExchange *self);
guint64 pst_exchange_get_buffered_bytes (PstExchange *self);
gint64 pst_exchange_get_round_trip_us (PstExchange *self);
gboolean pst_exchange_is_settled (PstExchange *self);
void pst_exchange_heard_peace (PstExchange *self);
void pst_exchange_say_bye (PstExchange *self, const GError *error);
void pst_exchange_close (PstExchange *self, const GError *error);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Further links of a channel are arranged over the channel itself; what they are, the
 * exchange does not know. */
#include "pst-exchange-private.h"

G_STATIC_ASSERT (PST_CONTROL_MAX_LINK == PST_CHANNEL_MAX_LINK_NUMBER);

/**
 * pst_exchange_say_link:
 * @self: an exchange
 * @number: the number of a further link, 1 to %PST_CHANNEL_MAX_LINK_NUMBER
 * @wanted: whether this side asks for it
 * @signal: (nullable): what its peer must hear; with neither, this side has let go of it
 *
 * Tells the other side something about a further link of the channel; see
 * #PstExchange::link.
 */
void
pst_exchange_say_link (PstExchange *self, guint number, gboolean wanted, JsonObject *signal)
{
  PstControl control = {
    .kind = PST_CONTROL_LINK,
    .link = number,
    .wanted = wanted,
    .signal = signal,
  };

  pst_exchange_send_control (self, &control);
}

/**
 * pst_exchange_get_peer_most_links:
 * @self: an exchange that is ready
 *
 * Returns: so many links the other side can take; 0 or 1: it knows nothing of several
 */
guint
pst_exchange_get_peer_most_links (PstExchange *self)
{
  return self->peer_most_links;
}

/* Who did not say that it can have several links hears nothing about them. */
gboolean
pst_exchange_take_link (PstExchange *self, PstControl *control, GError **error)
{
  if (self->path.most_links < 2 || self->peer_most_links < 2)
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_PROTOCOL,
                           "The other side sent something about a link that nobody wants.");
      return FALSE;
    }
  if (++self->n_about_links > PST_EXCHANGE_MAX_ABOUT_LINKS)
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_LIMIT,
                           "The other side had too much to say about further links.");
      return FALSE;
    }

  pst_exchange_emit_link (self, control);
  return TRUE;
}

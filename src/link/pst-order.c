/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-order.h"

#include <string.h>

#include "pst-error.h"

struct _PstOrder
{
  guint64 came;                          /* the counter of the last frame that was taken */
  gsize waiting_bytes;                   /* what waits for those before it, with its cost */
  gsize again_bytes;                     /* so much may still come twice */
  GBytes *waiting[PST_ORDER_MAX_FRAMES]; /* (nullable): each at its counter's remainder */
};

/**
 * pst_order_read_counter:
 * @frame: a frame from a stranger
 * @counter: (out): its place in the order of all frames
 *
 * Returns: %FALSE if it is too short to have one
 */
gboolean
pst_order_read_counter (GBytes *frame, guint64 *counter)
{
  gsize n_bytes;
  const guint8 *bytes = g_bytes_get_data (frame, &n_bytes);

  if (n_bytes < PST_ORDER_HEAD_BYTES)
    return FALSE;

  memcpy (counter, bytes + PST_ORDER_COUNTER_OFFSET, sizeof *counter);
  *counter = GUINT64_FROM_BE (*counter);
  return TRUE;
}

/**
 * pst_order_get_cost:
 * @frame: a frame
 *
 * Returns: how much of %PST_ORDER_MAX_BYTES it takes, in bytes
 */
gsize
pst_order_get_cost (GBytes *frame)
{
  return g_bytes_get_size (frame) + PST_ORDER_FRAME_COST_BYTES;
}

/**
 * pst_order_new:
 *
 * Returns: (transfer full): an order of which nothing has come
 */
PstOrder *
pst_order_new (void)
{
  return g_new0 (PstOrder, 1);
}

/**
 * pst_order_free:
 * @self: (transfer full) (nullable): an order
 */
void
pst_order_free (PstOrder *self)
{
  if (self == NULL)
    return;

  for (guint i = 0; i < PST_ORDER_MAX_FRAMES; i++)
    g_clear_pointer (&self->waiting[i], g_bytes_unref);
  g_free (self);
}

/**
 * pst_order_pass:
 * @self: an order in which nothing waits
 * @frame: a frame that came over the only link
 *
 * Notes where @frame stands. One link keeps the order by itself, and whether the
 * counter is right the seal will say.
 */
void
pst_order_pass (PstOrder *self, GBytes *frame)
{
  guint64 counter;

  if (pst_order_read_counter (frame, &counter))
    self->came = MAX (self->came, counter);
}

static GBytes **
find_place (PstOrder *self, guint64 counter)
{
  return &self->waiting[counter % PST_ORDER_MAX_FRAMES];
}

static gboolean
put_again (PstOrder *self, gsize cost_bytes, GError **error)
{
  if (cost_bytes > self->again_bytes)
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_PROTOCOL,
                           "The other side sent something twice.");
      return FALSE;
    }

  self->again_bytes -= cost_bytes;
  return TRUE;
}

/**
 * pst_order_put:
 * @self: an order
 * @frame: a frame that came over any of the links
 * @error: return location for a %PST_ERROR_PROTOCOL (no frame, or one that came before)
 *   or %PST_ERROR_LIMIT (too far ahead of what is missing)
 *
 * Keeps @frame until those before it have come. What may come twice, see
 * pst_order_expect_again(), is dropped.
 *
 * Returns: %TRUE if it may have come
 */
gboolean
pst_order_put (PstOrder *self, GBytes *frame, GError **error)
{
  gsize cost_bytes = pst_order_get_cost (frame);
  guint64 counter;

  if (!pst_order_read_counter (frame, &counter))
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_PROTOCOL,
                           "A frame from the other side is too short.");
      return FALSE;
    }
  if (counter <= self->came)
    return put_again (self, cost_bytes, error);
  if (counter - self->came > PST_ORDER_MAX_FRAMES
      || cost_bytes > PST_ORDER_MAX_BYTES - self->waiting_bytes)
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_LIMIT,
                           "The other side sent too much out of order.");
      return FALSE;
    }
  if (*find_place (self, counter) != NULL)
    return put_again (self, cost_bytes, error);

  *find_place (self, counter) = g_bytes_ref (frame);
  self->waiting_bytes += cost_bytes;
  return TRUE;
}

/**
 * pst_order_take:
 * @self: an order
 *
 * Returns: (transfer full) (nullable): the frame whose turn it is, if it has come
 */
GBytes *
pst_order_take (PstOrder *self)
{
  GBytes *frame = g_steal_pointer (find_place (self, self->came + 1));

  if (frame == NULL)
    return NULL;

  self->came++;
  self->waiting_bytes -= pst_order_get_cost (frame);
  return frame;
}

/**
 * pst_order_get_came:
 * @self: an order
 *
 * Returns: the counter up to which everything came and was taken
 */
guint64
pst_order_get_came (const PstOrder *self)
{
  return self->came;
}

/**
 * pst_order_expect_again:
 * @self: an order
 *
 * There is one more link. When it ends, the other side sends over another one what was
 * not acknowledged, whether it came or not, and before this side can hear of the end. That is
 * %PST_ORDER_MAX_BYTES at most.
 */
void
pst_order_expect_again (PstOrder *self)
{
  self->again_bytes += PST_ORDER_MAX_BYTES;
}

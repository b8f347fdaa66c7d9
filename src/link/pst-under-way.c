/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-under-way.h"

#include "pst-error.h"
#include "pst-order.h"

struct _PstUnderWay
{
  GQueue frames;        /* of PstUnderWayFrame, as they left */
  GQueue back;          /* of those that are nowhere, not owned, in the same order */
  gsize n_bytes;        /* with what they cost the other side */
  guint64 sent;         /* the greatest counter */
  gint64 progressed_us; /* when something was last acknowledged */
};

static void
frame_free (PstUnderWayFrame *self)
{
  g_bytes_unref (self->frame);
  g_free (self);
}

/**
 * pst_under_way_new:
 *
 * Returns: (transfer full): a memory of what left, empty
 */
PstUnderWay *
pst_under_way_new (void)
{
  return g_new0 (PstUnderWay, 1);
}

/**
 * pst_under_way_free:
 * @self: (transfer full) (nullable): a memory of what left
 */
void
pst_under_way_free (PstUnderWay *self)
{
  if (self == NULL)
    return;

  g_queue_clear (&self->back);
  g_queue_clear_full (&self->frames, (GDestroyNotify) frame_free);
  g_free (self);
}

/**
 * pst_under_way_pass:
 * @self: a memory of what left
 * @frame: a frame that leaves over the only link, with a counter above all before it
 *
 * Notes where @frame stands; it is never sent again.
 */
void
pst_under_way_pass (PstUnderWay *self, GBytes *frame)
{
  pst_order_read_counter (frame, &self->sent);
}

/**
 * pst_under_way_has_room:
 * @self: a memory of what left
 * @frame: the next frame
 *
 * Returns: %TRUE if the other side can keep @frame, too, whatever is missing there
 */
gboolean
pst_under_way_has_room (const PstUnderWay *self, GBytes *frame)
{
  return self->n_bytes + pst_order_get_cost (frame) <= PST_ORDER_MAX_BYTES;
}

/**
 * pst_under_way_add:
 * @self: a memory of what left
 * @now_us: monotonic time
 * @link: the number of the link
 * @frame: a frame that leaves over it, with a counter above all before it; kept until
 *   it is acknowledged
 */
void
pst_under_way_add (PstUnderWay *self, gint64 now_us, guint link, GBytes *frame)
{
  PstUnderWayFrame *kept = g_new0 (PstUnderWayFrame, 1);

  pst_under_way_pass (self, frame);
  *kept = (PstUnderWayFrame){ self->sent, link, now_us, g_bytes_ref (frame) };
  g_queue_push_tail (&self->frames, kept);
  self->n_bytes += pst_order_get_cost (frame);
}

/**
 * pst_under_way_acknowledge:
 * @self: a memory of what left
 * @now_us: monotonic time
 * @counter: everything up to this one came
 * @error: return location for a %PST_ERROR_PROTOCOL
 *
 * Forgets what came. Acknowledgements may overtake one another.
 *
 * Returns: %TRUE if so much was sent
 */
gboolean
pst_under_way_acknowledge (PstUnderWay *self, gint64 now_us, guint64 counter, GError **error)
{
  PstUnderWayFrame *first;

  if (counter > self->sent)
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_PROTOCOL,
                           "The other side acknowledged a frame that was never sent.");
      return FALSE;
    }

  while ((first = g_queue_peek_head (&self->frames)) != NULL && first->counter <= counter)
    {
      self->n_bytes -= pst_order_get_cost (first->frame);
      self->progressed_us = now_us;
      if (first == g_queue_peek_head (&self->back))
        g_queue_pop_head (&self->back);
      frame_free (g_queue_pop_head (&self->frames));
    }
  return TRUE;
}

static gint
compare (gconstpointer one, gconstpointer other, gpointer unused)
{
  guint64 a = ((const PstUnderWayFrame *) one)->counter;
  guint64 b = ((const PstUnderWayFrame *) other)->counter;

  return a < b ? -1 : a > b;
}

/**
 * pst_under_way_take_back:
 * @self: a memory of what left
 * @link: the number of a link that has ended
 *
 * What is under way over it has to be given to others, see pst_under_way_peek_back().
 */
void
pst_under_way_take_back (PstUnderWay *self, guint link)
{
  for (GList *l = self->frames.head; l != NULL; l = l->next)
    {
      PstUnderWayFrame *frame = l->data;

      if (frame->link != link)
        continue;
      frame->link = PST_UNDER_WAY_NOWHERE;
      g_queue_insert_sorted (&self->back, frame, compare, NULL);
    }
}

/**
 * pst_under_way_peek_back:
 * @self: a memory of what left
 *
 * Returns: (transfer none) (nullable): the first frame that has to be given to a link again
 */
GBytes *
pst_under_way_peek_back (const PstUnderWay *self)
{
  const PstUnderWayFrame *frame = g_queue_peek_head ((GQueue *) &self->back);

  return frame != NULL ? frame->frame : NULL;
}

/**
 * pst_under_way_give_again:
 * @self: a memory of what left
 * @now_us: monotonic time
 * @link: the number of the link that gets what pst_under_way_peek_back() has
 */
void
pst_under_way_give_again (PstUnderWay *self, gint64 now_us, guint link)
{
  PstUnderWayFrame *frame = g_queue_pop_head (&self->back);

  frame->link = link;
  frame->given_us = now_us;
}

/**
 * pst_under_way_count:
 * @self: a memory of what left
 * @link: the number of a link, or %PST_UNDER_WAY_NOWHERE
 *
 * Returns: how many frames are under way over it
 */
guint
pst_under_way_count (const PstUnderWay *self, guint link)
{
  guint n = 0;

  for (GList *l = self->frames.head; l != NULL; l = l->next)
    n += ((PstUnderWayFrame *) l->data)->link == link;
  return n;
}

/**
 * pst_under_way_get_stuck:
 * @self: a memory of what left
 * @link: (out): the number of the link that holds up all others
 * @since_us: (out): since when it has brought nothing
 *
 * Returns: %TRUE if anything is under way, and was given to a link
 */
gboolean
pst_under_way_get_stuck (const PstUnderWay *self, guint *link, gint64 *since_us)
{
  const PstUnderWayFrame *first = g_queue_peek_head ((GQueue *) &self->frames);

  if (first == NULL || first->link == PST_UNDER_WAY_NOWHERE)
    return FALSE;

  *link = first->link;
  *since_us = MAX (first->given_us, self->progressed_us);
  return TRUE;
}

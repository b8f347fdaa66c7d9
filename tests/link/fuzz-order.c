/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames over several links. The input says, letter by letter, when two honest ends send,
 * take, acknowledge and lose links: all arrives once and in its order, whatever the links do.
 * And it says what a stranger sends to a third end: that keeps no more than it may. */
#include <string.h>

#include "pst-order.h"
#include "pst-under-way.h"

#define MAX_LINKS 4

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

typedef struct
{
  const guint8 *next;
  const guint8 *end;

  /* The two ends. Link 0 is always there. */
  PstUnderWay *under_way;
  PstOrder *order;
  GQueue links[MAX_LINKS]; /* of frames that have left and not come */
  gboolean sends[MAX_LINKS];
  gboolean receives; /* over more than link 0 */
  gboolean bundled;  /* so does the sender */
  guint64 sent;
  guint64 taken;
  guint64 told; /* what an acknowledgement says that is still on its way */

  /* The third one. */
  PstOrder *stranger;
  gsize stranger_bytes; /* kept for others that are missing */
} Talk;

static guint
take (Talk *talk, guint n)
{
  return talk->next < talk->end ? (guint8) (*talk->next++ - '0') % n : 0;
}

static GBytes *
make_frame (Talk *talk, guint64 counter)
{
  static const gsize sizes[] = { PST_ORDER_HEAD_BYTES, 40, 1000, 65536 };
  gsize n_bytes = sizes[take (talk, G_N_ELEMENTS (sizes))];
  guint8 *bytes = g_malloc0 (n_bytes);
  guint64 wire_counter = GUINT64_TO_BE (counter);

  memcpy (bytes + PST_ORDER_COUNTER_OFFSET, &wire_counter, sizeof wire_counter);
  return g_bytes_new_take (bytes, n_bytes);
}

static guint64
read_counter (GBytes *frame)
{
  guint64 counter = 0;

  g_assert_true (pst_order_read_counter (frame, &counter));
  return counter;
}

static guint
take_link (Talk *talk)
{
  guint link = take (talk, MAX_LINKS);

  return talk->sends[link] ? link : 0;
}

static void
send (Talk *talk)
{
  guint link = take_link (talk);
  g_autoptr (GBytes) frame = make_frame (talk, talk->sent + 1);

  if (talk->bundled && !pst_under_way_has_room (talk->under_way, frame))
    return;

  talk->sent++;
  if (talk->bundled)
    pst_under_way_add (talk->under_way, 0, link, frame);
  else
    pst_under_way_pass (talk->under_way, frame);
  g_queue_push_tail (&talk->links[link], g_steal_pointer (&frame));
}

static void
receive (Talk *talk)
{
  g_autoptr (GBytes) frame = g_queue_pop_head (&talk->links[take (talk, MAX_LINKS)]);
  g_autoptr (GError) error = NULL;

  if (frame == NULL)
    return;
  if (!talk->receives)
    {
      g_assert_cmpuint (read_counter (frame), ==, ++talk->taken);
      pst_order_pass (talk->order, frame);
      return;
    }

  pst_order_put (talk->order, frame, &error);
  g_assert_no_error (error);
  for (;;)
    {
      g_autoptr (GBytes) next = pst_order_take (talk->order);

      if (next == NULL)
        break;
      g_assert_cmpuint (read_counter (next), ==, ++talk->taken);
    }
}

static void
acknowledge (Talk *talk)
{
  g_autoptr (GError) error = NULL;

  pst_under_way_acknowledge (talk->under_way, 0, talk->told, &error);
  g_assert_no_error (error);
  talk->told = pst_order_get_came (talk->order);
  g_assert_cmpuint (talk->told, ==, talk->taken);
}

/* The receiver has it first, as nothing may come over a link that it does not know. */
static void
add_link (Talk *talk)
{
  guint link = take (talk, MAX_LINKS);

  if (talk->sends[link] || !g_queue_is_empty (&talk->links[link]))
    return;

  pst_order_expect_again (talk->order);
  talk->receives = TRUE;
  if (take (talk, 2))
    talk->sends[link] = talk->bundled = TRUE;
}

/* At the sender; what is under way may still come, or be lost. */
static void
end_link (Talk *talk)
{
  guint link = take (talk, MAX_LINKS);

  if (link == 0 || !talk->sends[link])
    return;

  talk->sends[link] = FALSE;
  pst_under_way_take_back (talk->under_way, link);
  g_assert_cmpuint (pst_under_way_count (talk->under_way, link), ==, 0);
  if (take (talk, 2))
    g_queue_clear_full (&talk->links[link], (GDestroyNotify) g_bytes_unref);
}

static void
send_again (Talk *talk)
{
  guint link = take_link (talk);
  GBytes *frame = pst_under_way_peek_back (talk->under_way);

  if (frame == NULL)
    return;

  g_queue_push_tail (&talk->links[link], g_bytes_ref (frame));
  pst_under_way_give_again (talk->under_way, 0, link);
}

static guint64
take_counter (Talk *talk)
{
  guint64 came = pst_order_get_came (talk->stranger);
  const guint64 counters[] = {
    came,
    came + 1,
    came + 2,
    came + 3 + take (talk, 200),
    came - 1,
    came + PST_ORDER_MAX_FRAMES,
    came + PST_ORDER_MAX_FRAMES + 1,
    G_MAXUINT64,
  };

  return counters[take (talk, G_N_ELEMENTS (counters))];
}

/* What is refused changes nothing. */
static void
put_strange (Talk *talk)
{
  guint64 counter = take_counter (talk), came = pst_order_get_came (talk->stranger);
  g_autoptr (GBytes) frame = make_frame (talk, counter);
  g_autoptr (GError) error = NULL;
  GBytes *next;

  if (pst_order_put (talk->stranger, frame, &error) && counter > came)
    talk->stranger_bytes += pst_order_get_cost (frame);
  while ((next = pst_order_take (talk->stranger)) != NULL)
    {
      g_assert_cmpuint (read_counter (next), ==, ++came);
      talk->stranger_bytes -= pst_order_get_cost (next);
      g_bytes_unref (next);
    }
  g_assert_cmpuint (talk->stranger_bytes, <=, PST_ORDER_MAX_BYTES);
  g_assert_cmpuint (pst_order_get_came (talk->stranger), ==, came);
}

static void
step (Talk *talk, char what)
{
  switch (what)
    {
    case 's':
      send (talk);
      break;
    case 'r':
      receive (talk);
      break;
    case 'a':
      acknowledge (talk);
      break;
    case 'l':
      add_link (talk);
      break;
    case 'e':
      end_link (talk);
      break;
    case 'g':
      send_again (talk);
      break;
    case 'x':
      put_strange (talk);
      break;
    default:
      break;
    }
}

/* Once the links bring all, everything has come. */
static void
finish (Talk *talk)
{
  static const guint8 rest[] = "r0r1r2r3g0";

  while (talk->taken < talk->sent)
    {
      talk->next = rest;
      talk->end = rest + sizeof rest - 1;
      while (talk->next < talk->end)
        step (talk, (char) *talk->next++);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  Talk talk = {
    .next = data,
    .end = data + size,
    .under_way = pst_under_way_new (),
    .order = pst_order_new (),
    .sends = { TRUE },
    .stranger = pst_order_new (),
  };

  for (guint i = 0; i < MAX_LINKS; i++)
    g_queue_init (&talk.links[i]);
  while (talk.next < talk.end)
    step (&talk, (char) *talk.next++);
  finish (&talk);

  for (guint i = 0; i < MAX_LINKS; i++)
    g_queue_clear_full (&talk.links[i], (GDestroyNotify) g_bytes_unref);
  pst_under_way_free (talk.under_way);
  pst_order_free (talk.order);
  pst_order_free (talk.stranger);
  return 0;
}

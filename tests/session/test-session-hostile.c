/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Misbehaviour over a real connection: a choice from the table that test-misbehaviour
 * plays in memory. Two sessions are connected; then one of them says, with its own
 * keys and over its own channel, what it must not. */
#include <string.h>

#include "pst-error.h"
#include "pst-exchange-private.h"
#include "pst-session-private.h"
#include "session-end.h"

/* A file that would take a minute. */
#define FILE_BYTES (4 << 20)
#define LIMIT_BPS  (FILE_BYTES / 64)

/* How far the conversation has come, as whoever is wronged sees it. What is offered,
 * by either side, is one file. */
typedef enum
{
  AT_GREETED,
  AT_OFFERED,
  AT_RECEIVING,
  AT_SENDING,
} At;

typedef struct
{
  End victim;
  End liar;
  PstTransfer *transfer; /* the victim's */
  At at;
} Talk;

typedef struct
{
  const char *name;
  At at;
  const char *json; /* in which NUMBER is the transfer's, or: */
  void (*act) (Talk *talk);
  PstError code;
} Deed;

static void
send_frame (Talk *talk, GBytes *frame)
{
  g_autoptr (GBytes) owned = frame;

  g_assert_true (pst_channel_send (talk->liar.session->exchange->channel, frame, NULL));
}

static void
send_sealed (Talk *talk, PstFrameKind kind, const void *bytes, gsize n_bytes)
{
  send_frame (talk,
              pst_seal_close (talk->liar.session->exchange->seal, kind, bytes, n_bytes, NULL, 0));
}

static guint32
get_number (Talk *talk)
{
  return talk->transfer->incoming ? talk->transfer->id : talk->transfer->wire_id;
}

static void
send_data (Talk *talk, guint64 offset)
{
  const PstFrameDataHeader header = { get_number (talk), 0, offset };
  guint8 payload[PST_FRAME_DATA_HEADER_BYTES + 100] = { 0 };

  pst_frame_write_data_header (&header, payload);
  send_sealed (talk, PST_FRAME_DATA, payload, sizeof payload);
}

static void
send_short (Talk *talk)
{
  send_frame (talk, g_bytes_new_static ("\1\2", 2));
}

/* What was sealed rightly, but came before. */
static void
send_twice (Talk *talk)
{
  const char *ping = "{\"t\":\"ping\",\"n\":7}";
  g_autoptr (GBytes) frame = pst_seal_close (talk->liar.session->exchange->seal, PST_FRAME_CONTROL,
                                             (const guint8 *) ping, strlen (ping), NULL, 0);

  send_frame (talk, g_bytes_ref (frame));
  send_frame (talk, g_bytes_ref (frame));
}

static void
send_changed (Talk *talk)
{
  const char *bye = "{\"t\":\"bye\"}";
  g_autoptr (GBytes) frame = pst_seal_close (talk->liar.session->exchange->seal, PST_FRAME_CONTROL,
                                             (const guint8 *) bye, strlen (bye), NULL, 0);
  gsize n_bytes = g_bytes_get_size (frame);
  guint8 *bytes = g_memdup2 (g_bytes_get_data (frame, NULL), n_bytes);

  bytes[n_bytes - 1] ^= 1;
  send_frame (talk, g_bytes_new_take (bytes, n_bytes));
}

static void
send_gap (Talk *talk)
{
  send_data (talk, talk->transfer->in.offset + FILE_BYTES / 2);
}

static void
send_again (Talk *talk)
{
  send_data (talk, 0);
}

static void
send_beyond (Talk *talk)
{
  send_data (talk, FILE_BYTES);
}

#define HELLO "{\"t\":\"hello\",\"v\":1}"
#define OFFER(path)                                      \
  "{\"t\":\"offer\",\"id\":64,\"part\":0,\"last\":true," \
  "\"entries\":[{\"p\":\"" path "\",\"k\":\"f\",\"s\":1,\"m\":0}]}"

static const Deed deeds[] = {
  { "greeted/short-frame", AT_GREETED, NULL, send_short, PST_ERROR_PROTOCOL },
  { "greeted/replayed-frame", AT_GREETED, NULL, send_twice, PST_ERROR_TAMPERED },
  { "greeted/changed-frame", AT_GREETED, NULL, send_changed, PST_ERROR_TAMPERED },
  { "greeted/no-text", AT_GREETED, "hello", NULL, PST_ERROR_PROTOCOL },
  { "greeted/hello", AT_GREETED, HELLO, NULL, PST_ERROR_PROTOCOL },
  { "greeted/unknown-number", AT_GREETED, "{\"t\":\"pause\",\"id\":9}", NULL, PST_ERROR_PROTOCOL },
  { "greeted/link", AT_GREETED, "{\"t\":\"link\",\"n\":1,\"wanted\":true}", NULL,
    PST_ERROR_PROTOCOL },
  { "greeted/outside", AT_GREETED, OFFER ("../f"), NULL, PST_ERROR_PROTOCOL },
  { "offered/entry-done", AT_OFFERED,
    "{\"t\":\"entry-failed\",\"id\":NUMBER,\"entry\":0,\"reason\":\"changed\"}", NULL,
    PST_ERROR_PROTOCOL },
  { "offered/data", AT_OFFERED, NULL, send_again, PST_ERROR_PROTOCOL },
  { "receiving/gap", AT_RECEIVING, NULL, send_gap, PST_ERROR_PROTOCOL },
  { "receiving/again", AT_RECEIVING, NULL, send_again, PST_ERROR_PROTOCOL },
  { "receiving/more-than-declared", AT_RECEIVING, NULL, send_beyond, PST_ERROR_PROTOCOL },
  { "receiving/replayed-frame", AT_RECEIVING, NULL, send_twice, PST_ERROR_TAMPERED },
  { "receiving/as-if-receiving", AT_RECEIVING,
    "{\"t\":\"credit\",\"id\":NUMBER,\"received\":0,\"written\":0,\"window\":0}", NULL,
    PST_ERROR_PROTOCOL },
  { "sending/more-than-sent", AT_SENDING,
    "{\"t\":\"credit\",\"id\":NUMBER,\"received\":9223372036854775807,\"written\":0,\"window\":0}",
    NULL, PST_ERROR_PROTOCOL },
  { "sending/early-end", AT_SENDING, "{\"t\":\"verified\",\"id\":NUMBER,\"files\":1,\"failed\":0}",
    NULL, PST_ERROR_PROTOCOL },
  { "sending/as-if-sending", AT_SENDING,
    "{\"t\":\"entry-failed\",\"id\":NUMBER,\"entry\":0,\"reason\":\"changed\"}", NULL,
    PST_ERROR_PROTOCOL },
};

static guint
count_entries (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

/* @from offers a file; if @to takes it, some of it has come. */
static PstTransfer *
begin_transfer (End *from, End *to, gboolean taken)
{
  g_autofree char *path = make_file (from->folder, "file", FILE_BYTES);
  PstTransfer *incoming;

  to->accepts = taken;
  send_file (from, path);
  wait_for (to->incoming->len == 1);
  incoming = g_ptr_array_index (to->incoming, 0);
  wait_for (!taken || incoming->in.offset > 0);
  return incoming;
}

static void
reach (Talk *talk)
{
  switch (talk->at)
    {
    case AT_OFFERED:
    case AT_RECEIVING:
      talk->transfer = begin_transfer (&talk->liar, &talk->victim, talk->at == AT_RECEIVING);
      break;
    case AT_SENDING:
      begin_transfer (&talk->victim, &talk->liar, TRUE);
      talk->transfer = g_ptr_array_index (talk->victim.session->exchange->transfers, 0);
      break;
    default:
      return;
    }
  g_object_ref (talk->transfer);
}

static void
act (Talk *talk, const Deed *deed)
{
  g_autoptr (GString) text = g_string_new (deed->json);

  if (deed->act != NULL)
    {
      deed->act (talk);
      return;
    }

  if (talk->transfer != NULL)
    {
      g_autofree char *number = g_strdup_printf ("%u", get_number (talk));

      g_string_replace (text, "NUMBER", number, 0);
    }
  send_sealed (talk, PST_FRAME_CONTROL, text->str, text->len);
}

/* The person is told, and the other side as well; what was under way has an end, and
 * nothing of it lies about. */
static void
check_end (Talk *talk, const Deed *deed)
{
  guint n_files = talk->at == AT_SENDING ? 1 : 0;

  end_wait_until_closed (&talk->victim, (int) deed->code);
  g_assert_cmpuint (strlen (talk->victim.error->message), >, 10);
  wait_for (talk->liar.closed);
  g_assert_error (talk->liar.error, PST_ERROR, (int) deed->code);
  if (talk->transfer != NULL)
    g_assert_true (pst_transfer_is_finished (talk->transfer));
  g_assert_cmpuint (count_entries (talk->victim.folder), ==, n_files);
  g_assert_null (talk->victim.session->peer);
}

static guint n_descriptors;

static void
test_misbehaviour (gconstpointer data)
{
  const Deed *deed = data;
  const PstSessionOptions options = { .limit_bps = LIMIT_BPS };
  Talk talk = { .at = deed->at };

  end_open_pair_with (&talk.victim, &options, &talk.liar, &options);
  reach (&talk);
  act (&talk, deed);
  check_end (&talk, deed);
  g_clear_object (&talk.transfer);
  end_clear (&talk.liar);
  end_clear (&talk.victim);

  /* The first connection leaves what lasts, such as the registry. */
  if (n_descriptors == 0)
    n_descriptors = count_entries ("/proc/self/fd");
  wait_for (count_entries ("/proc/self/fd") <= n_descriptors);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (deeds); i++)
    {
      g_autofree char *path = g_strconcat ("/misbehaviour-on-link/", deeds[i].name, NULL);

      g_test_add_data_func (path, &deeds[i], test_misbehaviour);
    }
  return g_test_run ();
}

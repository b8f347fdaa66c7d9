/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of misbehaviours: whatever the other side may do wrong, in every state
 * a conversation can be in. A row says what is done, with which error it ends, and in
 * which states nothing is wrong with it; in all others it must end. */
#include <glib/gstdio.h>
#include <string.h>

#include "hostile-states.h"
#include "pst-error.h"
#include "pst-exchange-private.h"
#include "pst-flow.h"
#include "pst-parcel.h"
#include "pst-transfer-private.h"

#define GONE       (BIT (AT_LEFT) | BIT (AT_LEFT_HERE))
#define SILENT     (BIT (AT_NEW) | BIT (AT_BACK_NEW) | BIT (AT_SEND_NEW))
#define ALL        (BIT (N_AT) - 1)
#define SPEAKING   (ALL & ~(SILENT | GONE))
#define FROM(a, z) ((BIT (z) - 1 + BIT (z)) & ~(BIT (a) - 1) & SPEAKING)

/* Those in which they have an offer, and we have one; those in which it has ended. */
#define THEIRS      FROM (AT_LISTING, AT_KEPT)
#define OURS        FROM (AT_OFFERING, AT_OFFER_BACK)
#define THEIRS_OVER FROM (AT_DECLINED, AT_DECLINED) | FROM (AT_RECEIVED, AT_THEY_STOPPED)
#define OURS_OVER   FROM (AT_SENT, AT_REFUSED)

/* "f" is on its way, "mine" is; the link is not the first. */
#define RECEIVING   FROM (AT_RECEIVING, AT_THEY_PAUSED) | BIT (AT_KEPT)
#define SENDING     FROM (AT_SENDING, AT_ALL_SENT)
#define SECOND_LINK (FROM (AT_BACK, AT_KEPT) | FROM (AT_SEND_BACK, AT_OFFER_BACK))

typedef struct
{
  const char *name;
  const char *json; /* what is said, or NULL */
  void (*act) (Pair *pair);
  PstError code;
  guint fine; /* the states in which it goes on */
} Deed;

static void
send_bytes (Pair *pair, const void *bytes, gsize n_bytes)
{
  hostile_send (pair, g_bytes_new (bytes, n_bytes));
}

/* A sealed goodbye, of which one byte is another. */
static void
send_changed (Pair *pair, gsize at, guint8 change)
{
  const char *bye = "{\"t\":\"bye\"}";
  g_autoptr (GBytes) frame = hostile_seal (pair, PST_FRAME_CONTROL, bye, strlen (bye));
  gsize n_bytes;
  g_autofree guint8 *bytes = g_memdup2 (g_bytes_get_data (frame, &n_bytes),
                                        g_bytes_get_size (frame));

  bytes[at < n_bytes ? at : n_bytes - 1] ^= change;
  send_bytes (pair, bytes, n_bytes);
}

static void
send_short (Pair *pair)
{
  send_bytes (pair, "\1\2", 2);
}

/* A channel takes no more than fits: this is the second line. */
static void
send_long (Pair *pair)
{
  g_autofree guint8 *bytes = g_malloc0 (PST_FRAME_MAX_BYTES + 1);
  g_autoptr (GBytes) frame = NULL;

  hostile_wait (pair);
  bytes[0] = PST_FRAME_VERSION;
  bytes[1] = PST_FRAME_CONTROL;
  frame = g_bytes_new (bytes, PST_FRAME_MAX_BYTES + 1);
  pst_channel_emit_frame (PST_CHANNEL (pair->channel_a), frame);
}

static void
send_other_version (Pair *pair)
{
  send_changed (pair, 0, 3);
}

static void
send_other_kind (Pair *pair)
{
  send_changed (pair, 1, 4);
}

static void
send_as_data (Pair *pair)
{
  send_changed (pair, 1, PST_FRAME_CONTROL ^ PST_FRAME_DATA);
}

static void
send_other_link (Pair *pair)
{
  send_changed (pair, 3, 1);
}

static void
send_other_counter (Pair *pair)
{
  send_changed (pair, 4, 1);
}

static void
send_other_tag (Pair *pair)
{
  send_changed (pair, G_MAXSIZE, 1);
}

static void
send_counter_zero (Pair *pair)
{
  const char *bye = "{\"t\":\"bye\"}";
  g_autoptr (GBytes) frame = hostile_seal (pair, PST_FRAME_CONTROL, bye, strlen (bye));
  gsize n_bytes;
  g_autofree guint8 *bytes = g_memdup2 (g_bytes_get_data (frame, &n_bytes),
                                        g_bytes_get_size (frame));

  memset (bytes + 4, 0, 8);
  send_bytes (pair, bytes, n_bytes);
}

/* What we said ourselves, if anything could be kept of it. */
static void
send_back (Pair *pair)
{
  g_autoptr (PstSeal) ours = pst_seal_new (pair->key_ab, 0);
  const char *hello = HELLO;

  hostile_send (pair, pst_seal_close (ours, PST_FRAME_CONTROL, (const guint8 *) hello,
                                      strlen (hello), NULL, 0));
}

static void
send_no_bytes (Pair *pair)
{
  guint8 header[PST_FRAME_DATA_HEADER_BYTES] = { 0 };

  hostile_send (pair, hostile_seal (pair, PST_FRAME_DATA, header, sizeof header));
}

static void
send_deep (Pair *pair)
{
  g_autofree char *open = g_strnfill (40, '[');
  g_autofree char *close = g_strnfill (40, ']');
  g_autofree char *json = g_strdup_printf ("{\"t\":\"new\",\"x\":%s%s}", open, close);

  hostile_say (pair, json);
}

static void
send_wide (Pair *pair)
{
  g_autoptr (GString) json = g_string_new ("{\"t\":\"new\"");

  for (guint i = 0; i < 64; i++)
    g_string_append_printf (json, ",\"%u\":0", i);
  g_string_append_c (json, '}');
  hostile_say (pair, json->str);
}

static void
send_long_name (Pair *pair)
{
  g_autofree char *name = g_strnfill (PST_CONTROL_MAX_NAME_BYTES + 1, 'n');
  g_autofree char *json = g_strdup_printf ("{\"t\":\"hello\",\"v\":1,\"name\":\"%s\"}", name);

  hostile_say (pair, json);
}

static void
send_long_text (Pair *pair)
{
  g_autofree char *text = g_strnfill (PST_CONTROL_MAX_TEXT_BYTES + 1, 'n');
  g_autofree char *json = g_strdup_printf (
      "{\"t\":\"cancel\",\"id\":2,\"reason\":\"source\",\"message\":\"%s\"}", text);

  hostile_say (pair, json);
}

static void
send_many_ranges (Pair *pair)
{
  g_autoptr (GString) json = g_string_new ("{\"t\":\"accept\",\"id\":1,\"window\":1,\"entries\":[");

  for (guint i = 0; i <= PST_CONTROL_MAX_RANGES; i++)
    g_string_append_printf (json, "%s[%u,%u]", i > 0 ? "," : "", 2 * i, 2 * i);
  g_string_append (json, "]}");
  hostile_say (pair, json->str);
}

#define DATA(name, id, entry, offset, n_bytes)           \
  static void name (Pair *pair)                          \
  {                                                      \
    hostile_say_data (pair, id, entry, offset, n_bytes); \
  }
DATA (data_next, 2, 0, 1000, 10)
DATA (data_next_file, 2, 1, 0, 5)
DATA (data_gap, 2, 0, 1001, 10)
DATA (data_twice, 2, 0, 999, 10)
DATA (data_behind, 2, 0, F_BYTES, 10)
DATA (data_wrapping, 2, 0, G_MAXUINT64 - 5, 5)
DATA (data_wrapping_more, 2, 0, G_MAXUINT64 - 5, 10)
DATA (data_too_much, 2, 1, 0, 6)
DATA (data_no_entry, 2, 2, 0, 10)
DATA (data_huge_entry, 2, G_MAXUINT32, 0, 10)
DATA (data_ours, 1, 0, 0, 10)
DATA (data_unknown, 8, 0, 0, 10)
DATA (data_zero, 0, 0, 0, 10)

static void
end_early (Pair *pair)
{
  hostile_say_done (pair, 2, 0, F_BYTES);
}

static void
end_short (Pair *pair)
{
  hostile_say_done (pair, 2, 0, 1000);
}

static void
end_next (Pair *pair)
{
  hostile_say_done (pair, 2, 1, 5);
}

static void
end_ours (Pair *pair)
{
  hostile_say_done (pair, 1, 0, F_BYTES);
}

static void
parcel_empty (Pair *pair)
{
  g_autoptr (GByteArray) parcel = pst_parcel_new (2);

  hostile_send_parcel (pair, parcel);
}

static void
parcel_cut (Pair *pair)
{
  g_autoptr (GByteArray) parcel = pst_parcel_new (2);

  hostile_add_zeros (parcel, 1, 5);
  g_byte_array_set_size (parcel, parcel->len - 1);
  hostile_send_parcel (pair, parcel);
}

/* Of "g", with another digest than it has. */
static void
parcel_next_file (Pair *pair)
{
  g_autoptr (GByteArray) parcel = pst_parcel_new (2);

  hostile_add_zeros (parcel, 1, 5);
  parcel->data[PST_PARCEL_HEADER_BYTES + 8] ^= 1;
  hostile_send_parcel (pair, parcel);
}

#define PARCEL(name, id, entry, n_bytes)                      \
  static void name (Pair *pair)                               \
  {                                                           \
    g_autoptr (GByteArray) parcel = pst_parcel_new (id);      \
                                                              \
    hostile_add_zeros (parcel, entry, n_bytes);               \
    hostile_send_parcel (pair, parcel);                       \
  }
PARCEL (parcel_begun_file, 2, 0, 1000)
PARCEL (parcel_short, 2, 1, 4)
PARCEL (parcel_long, 2, 1, 6)
PARCEL (parcel_without_bytes, 2, 1, 0)
PARCEL (parcel_no_entry, 2, 2, 5)
PARCEL (parcel_huge_entry, 2, G_MAXUINT32, 5)
PARCEL (parcel_ours, 1, 0, 5)
PARCEL (parcel_unknown, 8, 0, 5)
PARCEL (parcel_zero, 0, 0, 5)

#define CREDIT(id, received, written, window)                                         \
  "{\"t\":\"credit\",\"id\":" #id ",\"received\":" #received ",\"written\":" #written \
  ",\"window\":" #window "}"
#define TAKEN(id, received, written, taken)                                           \
  "{\"t\":\"credit\",\"id\":" #id ",\"received\":" #received ",\"written\":" #written \
  ",\"taken\":" #taken ",\"window\":0}"
#define PLACE(entry, offset, written)                                             \
  "{\"t\":\"have\",\"id\":1,\"parts\":1,\"entry\":" #entry ",\"offset\":" #offset \
  ",\"written\":" #written ",\"window\":0}"

static const Deed deeds[] = {
  /* Frames. */
  { "frame/short", NULL, send_short, PST_ERROR_PROTOCOL, 0 },
  { "frame/long", NULL, send_long, PST_ERROR_PROTOCOL, 0 },
  { "frame/version", NULL, send_other_version, PST_ERROR_PROTOCOL, 0 },
  { "frame/kind", NULL, send_other_kind, PST_ERROR_PROTOCOL, 0 },
  { "frame/as-data", NULL, send_as_data, PST_ERROR_TAMPERED, 0 },
  { "frame/link", NULL, send_other_link, PST_ERROR_TAMPERED, 0 },
  { "frame/counter", NULL, send_other_counter, PST_ERROR_TAMPERED, 0 },
  { "frame/counter-zero", NULL, send_counter_zero, PST_ERROR_TAMPERED, 0 },
  { "frame/tag", NULL, send_other_tag, PST_ERROR_TAMPERED, 0 },
  { "frame/reflected", NULL, send_back, PST_ERROR_TAMPERED, 0 },
  { "frame/no-bytes", NULL, send_no_bytes, PST_ERROR_PROTOCOL, 0 },

  /* Text. */
  { "text/none", "hello", NULL, PST_ERROR_PROTOCOL, 0 },
  { "text/blank", " ", NULL, PST_ERROR_PROTOCOL, 0 },
  { "text/array", "[]", NULL, PST_ERROR_PROTOCOL, 0 },
  { "text/two-values", "{\"t\":\"new\"}{}", NULL, PST_ERROR_PROTOCOL, 0 },
  { "text/unfinished", "{\"t\":\"new\"", NULL, PST_ERROR_PROTOCOL, 0 },
  { "text/not-utf8", "{\"t\":\"\xff\"}", NULL, PST_ERROR_PROTOCOL, 0 },
  { "text/no-kind", "{\"id\":2}", NULL, PST_ERROR_PROTOCOL, 0 },
  { "text/kind-is-a-number", "{\"t\":1}", NULL, PST_ERROR_PROTOCOL, 0 },
  { "text/deep", NULL, send_deep, PST_ERROR_PROTOCOL, 0 },
  { "text/wide", NULL, send_wide, PST_ERROR_PROTOCOL, 0 },
  { "text/unknown-kind", "{\"t\":\"new\",\"id\":77}", NULL, PST_ERROR_PROTOCOL, SPEAKING },

  /* Numbers. */
  { "number/none", "{\"t\":\"pause\"}", NULL, PST_ERROR_PROTOCOL, 0 },
  { "number/zero", "{\"t\":\"pause\",\"id\":0}", NULL, PST_ERROR_PROTOCOL, 0 },
  { "number/text", "{\"t\":\"pause\",\"id\":\"2\"}", NULL, PST_ERROR_PROTOCOL, 0 },
  { "number/fraction", "{\"t\":\"pause\",\"id\":2.5}", NULL, PST_ERROR_PROTOCOL, 0 },
  { "number/negative", "{\"t\":\"pause\",\"id\":-2}", NULL, PST_ERROR_PROTOCOL, 0 },
  { "number/large", "{\"t\":\"pause\",\"id\":4294967298}", NULL, PST_ERROR_PROTOCOL, 0 },
  { "number/huge", "{\"t\":\"pause\",\"id\":36893488147419103234}", NULL, PST_ERROR_PROTOCOL, 0 },
  { "number/unknown", "{\"t\":\"pause\",\"id\":8}", NULL, PST_ERROR_PROTOCOL, 0 },
  { "number/ours-to-come", "{\"t\":\"pause\",\"id\":3}", NULL, PST_ERROR_PROTOCOL, 0 },

  /* Hello, life. */
  { "hello", HELLO, NULL, PST_ERROR_PROTOCOL, SILENT },
  { "hello/newer", "{\"t\":\"hello\",\"v\":4294967295,\"x\":[]}", NULL, PST_ERROR_PROTOCOL,
    SILENT },
  { "hello/version-zero", "{\"t\":\"hello\",\"v\":0}", NULL, PST_ERROR_PROTOCOL, 0 },
  { "hello/no-version", "{\"t\":\"hello\"}", NULL, PST_ERROR_PROTOCOL, 0 },
  { "hello/long-name", NULL, send_long_name, PST_ERROR_PROTOCOL, 0 },
  { "ping", "{\"t\":\"ping\",\"n\":9223372036854775807}", NULL, PST_ERROR_PROTOCOL, SPEAKING },
  { "ping/too-large", "{\"t\":\"ping\",\"n\":9223372036854775808}", NULL, PST_ERROR_PROTOCOL, 0 },
  { "pong/unasked", "{\"t\":\"pong\",\"n\":9223372036854775807}", NULL, PST_ERROR_PROTOCOL,
    SPEAKING },

  /* Further links, of which nobody said that there may be any. */
  { "link/wanted", "{\"t\":\"link\",\"n\":1,\"wanted\":true}", NULL, PST_ERROR_PROTOCOL, 0 },
  { "link/signal", "{\"t\":\"link\",\"n\":1,\"signal\":{}}", NULL, PST_ERROR_PROTOCOL, 0 },
  { "link/let-go", "{\"t\":\"link\",\"n\":15}", NULL, PST_ERROR_PROTOCOL, 0 },
  { "hello/links", "{\"t\":\"hello\",\"v\":1,\"links\":8}", NULL, PST_ERROR_PROTOCOL, SILENT },

  /* A sender's: offers. */
  { "offer", PART (2, 0, true, F), NULL, PST_ERROR_PROTOCOL, BIT (AT_GREETED) | OURS },
  { "offer/next", PART (4, 0, true, F), NULL, PST_ERROR_PROTOCOL, SPEAKING },
  { "offer/part", PART (2, 1, true, G), NULL, PST_ERROR_PROTOCOL, BIT (AT_LISTING) | THEIRS_OVER },
  { "offer/part-left-out", PART (2, 2, true, G), NULL, PST_ERROR_PROTOCOL, THEIRS_OVER },
  { "offer/part-one-first", PART (4, 1, true, F), NULL, PST_ERROR_PROTOCOL, 0 },
  { "offer/ours", PART (1, 0, true, F), NULL, PST_ERROR_PROTOCOL, 0 },
  { "offer/ours-to-come", PART (3, 0, true, F), NULL, PST_ERROR_PROTOCOL, 0 },
  { "offer/zero", PART (0, 0, true, F), NULL, PST_ERROR_PROTOCOL, 0 },
  { "offer/empty", PART (4, 0, true, ""), NULL, PST_ERROR_PROTOCOL, 0 },
  { "offer/twice-the-same", PART (4, 0, true, F "," F), NULL, PST_ERROR_PROTOCOL, 0 },
  { "offer/no-list", "{\"t\":\"offer\",\"id\":4,\"part\":0}", NULL, PST_ERROR_PROTOCOL, 0 },
  { "offer/outside", PART (4, 0, true, "{\"p\":\"../f\",\"k\":\"f\",\"s\":1,\"m\":0}"), NULL,
    PST_ERROR_PROTOCOL, 0 },
  { "offer/absolute", PART (4, 0, true, "{\"p\":\"/etc/f\",\"k\":\"f\",\"s\":1,\"m\":0}"), NULL,
    PST_ERROR_PROTOCOL, 0 },
  { "offer/our-partial-files",
    PART (4, 0, true, "{\"p\":\".penstock-f\",\"k\":\"f\",\"s\":1,\"m\":0}"), NULL,
    PST_ERROR_PROTOCOL, 0 },
  { "offer/link-out",
    PART (4,
          0,
          true,
          "{\"p\":\"d\",\"k\":\"d\",\"m\":0},{\"p\":\"d/l\",\"k\":\"l\",\"m\":0,\"l\":\"../..\"}"),
    NULL, PST_ERROR_PROTOCOL, 0 },
  { "offer/below-a-file", PART (4, 0, true, F ",{\"p\":\"f/x\",\"k\":\"f\",\"s\":1,\"m\":0}"), NULL,
    PST_ERROR_PROTOCOL, 0 },
  { "offer/sizes-overflow",
    PART (4, 0, true, "{\"p\":\"1\",\"k\":\"f\",\"s\":1152921504606846977,\"m\":0}"), NULL,
    PST_ERROR_PROTOCOL, 0 },

  /* A sender's: files. */
  { "data", NULL, data_next, PST_ERROR_PROTOCOL, RECEIVING | THEIRS_OVER },
  { "data/next-file", NULL, data_next_file, PST_ERROR_PROTOCOL, BIT (AT_BETWEEN) | THEIRS_OVER },
  { "data/gap", NULL, data_gap, PST_ERROR_PROTOCOL, THEIRS_OVER },
  { "data/twice", NULL, data_twice, PST_ERROR_PROTOCOL, THEIRS_OVER },
  { "data/behind-the-end", NULL, data_behind, PST_ERROR_PROTOCOL, THEIRS_OVER },
  { "data/at-the-end-of-numbers", NULL, data_wrapping, PST_ERROR_PROTOCOL, THEIRS_OVER },
  { "data/beyond-numbers", NULL, data_wrapping_more, PST_ERROR_PROTOCOL, 0 },
  { "data/more-than-declared", NULL, data_too_much, PST_ERROR_PROTOCOL, THEIRS_OVER },
  { "data/no-such-entry", NULL, data_no_entry, PST_ERROR_PROTOCOL, THEIRS_OVER },
  { "data/huge-entry", NULL, data_huge_entry, PST_ERROR_PROTOCOL, THEIRS_OVER },
  { "data/ours", NULL, data_ours, PST_ERROR_PROTOCOL, OURS_OVER },
  { "data/unknown", NULL, data_unknown, PST_ERROR_PROTOCOL, 0 },
  { "data/zero", NULL, data_zero, PST_ERROR_PROTOCOL, 0 },
  { "parcel/empty", NULL, parcel_empty, PST_ERROR_PROTOCOL, 0 },
  { "parcel/cut", NULL, parcel_cut, PST_ERROR_PROTOCOL, 0 },
  { "parcel/next-file", NULL, parcel_next_file, PST_ERROR_PROTOCOL,
    BIT (AT_BETWEEN) | THEIRS_OVER },
  { "parcel/begun-file", NULL, parcel_begun_file, PST_ERROR_PROTOCOL, THEIRS_OVER },
  { "parcel/short", NULL, parcel_short, PST_ERROR_PROTOCOL, THEIRS_OVER },
  { "parcel/long", NULL, parcel_long, PST_ERROR_PROTOCOL, THEIRS_OVER },
  { "parcel/without-bytes", NULL, parcel_without_bytes, PST_ERROR_PROTOCOL, THEIRS_OVER },
  { "parcel/no-such-entry", NULL, parcel_no_entry, PST_ERROR_PROTOCOL, THEIRS_OVER },
  { "parcel/huge-entry", NULL, parcel_huge_entry, PST_ERROR_PROTOCOL, THEIRS_OVER },
  { "parcel/ours", NULL, parcel_ours, PST_ERROR_PROTOCOL, OURS_OVER },
  { "parcel/unknown", NULL, parcel_unknown, PST_ERROR_PROTOCOL, 0 },
  { "parcel/zero", NULL, parcel_zero, PST_ERROR_PROTOCOL, 0 },
  { "entry-done/early", NULL, end_early, PST_ERROR_PROTOCOL, THEIRS_OVER },
  { "entry-done/other-size", NULL, end_short, PST_ERROR_PROTOCOL, THEIRS_OVER },
  { "entry-done/next-file", NULL, end_next, PST_ERROR_PROTOCOL, THEIRS_OVER },
  { "entry-done/ours", NULL, end_ours, PST_ERROR_PROTOCOL, OURS_OVER },
  { "entry-done/no-digest", "{\"t\":\"entry-done\",\"id\":2,\"entry\":0,\"size\":100000}", NULL,
    PST_ERROR_PROTOCOL, 0 },
  { "entry-done/digest-too-short",
    "{\"t\":\"entry-done\",\"id\":2,\"entry\":0,\"size\":100000,\"digest\":\"00\"}", NULL,
    PST_ERROR_PROTOCOL, 0 },
  { "entry-failed", "{\"t\":\"entry-failed\",\"id\":2,\"entry\":0,\"reason\":\"changed\"}", NULL,
    PST_ERROR_PROTOCOL, RECEIVING | THEIRS_OVER },
  { "entry-failed/next-file",
    "{\"t\":\"entry-failed\",\"id\":2,\"entry\":1,\"reason\":\"changed\"}", NULL,
    PST_ERROR_PROTOCOL, BIT (AT_BETWEEN) | THEIRS_OVER },
  { "entry-failed/ours", "{\"t\":\"entry-failed\",\"id\":1,\"entry\":0,\"reason\":\"changed\"}",
    NULL, PST_ERROR_PROTOCOL, OURS_OVER },
  { "keep", "{\"t\":\"keep\",\"id\":2}", NULL, PST_ERROR_PROTOCOL, SECOND_LINK & ~BIT (AT_KEPT) },
  { "keep/unknown", "{\"t\":\"keep\",\"id\":8}", NULL, PST_ERROR_PROTOCOL, SECOND_LINK },
  { "keep/ours", "{\"t\":\"keep\",\"id\":1}", NULL, PST_ERROR_PROTOCOL, 0 },
  { "keep/zero", "{\"t\":\"keep\",\"id\":0}", NULL, PST_ERROR_PROTOCOL, 0 },

  /* A receiver's. */
  { "accept", "{\"t\":\"accept\",\"id\":1,\"window\":1}", NULL, PST_ERROR_PROTOCOL,
    BIT (AT_OFFERING) | BIT (AT_THEY_CHECK) | BIT (AT_SEND_BACK) | BIT (AT_OFFER_BACK)
        | OURS_OVER },
  { "accept/theirs", "{\"t\":\"accept\",\"id\":2,\"window\":1}", NULL, PST_ERROR_PROTOCOL,
    THEIRS_OVER },
  { "accept/not-offered", "{\"t\":\"accept\",\"id\":1,\"entries\":[[1,1]],\"window\":1}", NULL,
    PST_ERROR_PROTOCOL, BIT (AT_SEND_BACK) | OURS_OVER },
  { "accept/backwards", "{\"t\":\"accept\",\"id\":1,\"entries\":[[1,0]],\"window\":1}", NULL,
    PST_ERROR_PROTOCOL, 0 },
  { "accept/overlapping", "{\"t\":\"accept\",\"id\":1,\"entries\":[[0,0],[0,0]],\"window\":1}",
    NULL, PST_ERROR_PROTOCOL, 0 },
  { "accept/many-ranges", NULL, send_many_ranges, PST_ERROR_PROTOCOL, 0 },
  { "accept/no-window", "{\"t\":\"accept\",\"id\":1}", NULL, PST_ERROR_PROTOCOL, 0 },
  { "accept/window-too-large", "{\"t\":\"accept\",\"id\":1,\"window\":16777217}", NULL,
    PST_ERROR_PROTOCOL, 0 },
  { "checking", "{\"t\":\"checking\",\"id\":1,\"checked\":20,\"total\":20}", NULL,
    PST_ERROR_PROTOCOL, BIT (AT_OFFERING) | BIT (AT_THEY_CHECK) | OURS_OVER },
  { "checking/theirs", "{\"t\":\"checking\",\"id\":2,\"checked\":20,\"total\":20}", NULL,
    PST_ERROR_PROTOCOL, THEIRS_OVER },
  { "checking/more-than-all", "{\"t\":\"checking\",\"id\":1,\"checked\":21,\"total\":20}", NULL,
    PST_ERROR_PROTOCOL, 0 },
  { "checking/of-nothing", "{\"t\":\"checking\",\"id\":1,\"checked\":0}", NULL, PST_ERROR_PROTOCOL,
    0 },
  { "decline", "{\"t\":\"decline\",\"id\":1}", NULL, PST_ERROR_PROTOCOL,
    BIT (AT_OFFERING) | BIT (AT_OFFER_BACK) | OURS_OVER },
  { "decline/theirs", "{\"t\":\"decline\",\"id\":2}", NULL, PST_ERROR_PROTOCOL, THEIRS_OVER },
  { "credit", CREDIT (1, 0, 0, 0), NULL, PST_ERROR_PROTOCOL,
    SENDING | BIT (AT_SEND_BACK) | OURS_OVER },
  { "credit/more-than-sent", CREDIT (1, 100001, 0, 0), NULL, PST_ERROR_PROTOCOL, OURS_OVER },
  { "credit/written-not-sent", CREDIT (1, 100001, 100001, 16777216), NULL, PST_ERROR_PROTOCOL,
    OURS_OVER },
  { "credit/written-not-received", CREDIT (1, 0, 1, 0), NULL, PST_ERROR_PROTOCOL, OURS_OVER },
  { "credit/taken-not-received", TAKEN (1, 0, 0, 1), NULL, PST_ERROR_PROTOCOL, OURS_OVER },
  { "credit/written-not-taken", TAKEN (1, 1, 1, 0), NULL, PST_ERROR_PROTOCOL, OURS_OVER },
  { "credit/huge", CREDIT (1, 9223372036854775807, 9223372036854775807, 0), NULL,
    PST_ERROR_PROTOCOL, OURS_OVER },
  { "credit/window-too-large", CREDIT (1, 0, 0, 16777217), NULL, PST_ERROR_PROTOCOL, 0 },
  { "credit/theirs", CREDIT (2, 0, 0, 0), NULL, PST_ERROR_PROTOCOL, THEIRS_OVER },
  { "verified", "{\"t\":\"verified\",\"id\":1,\"files\":1,\"failed\":0}", NULL, PST_ERROR_PROTOCOL,
    BIT (AT_ALL_SENT) | OURS_OVER },
  { "verified/failed", "{\"t\":\"verified\",\"id\":1,\"files\":0,\"failed\":1}", NULL,
    PST_ERROR_PROTOCOL, OURS_OVER },
  { "verified/theirs", "{\"t\":\"verified\",\"id\":2,\"files\":1,\"failed\":0}", NULL,
    PST_ERROR_PROTOCOL, THEIRS_OVER },
  { "have/offer", "{\"t\":\"have\",\"id\":1,\"parts\":1}", NULL, PST_ERROR_PROTOCOL,
    BIT (AT_OFFER_BACK) | OURS_OVER },
  { "have/nothing", "{\"t\":\"have\",\"id\":1,\"parts\":0}", NULL, PST_ERROR_PROTOCOL,
    BIT (AT_OFFER_BACK) | OURS_OVER },
  { "have/more-parts", "{\"t\":\"have\",\"id\":1,\"parts\":2}", NULL, PST_ERROR_PROTOCOL,
    OURS_OVER },
  { "have/place", PLACE (0, 300, 200), NULL, PST_ERROR_PROTOCOL, BIT (AT_SEND_BACK) | OURS_OVER },
  { "have/written-not-received", PLACE (0, 300, 301), NULL, PST_ERROR_PROTOCOL, OURS_OVER },
  { "have/not-sent", PLACE (0, 65493, 0), NULL, PST_ERROR_PROTOCOL, OURS_OVER },
  { "have/end-not-sent", PLACE (1, 0, 0), NULL, PST_ERROR_PROTOCOL, OURS_OVER },
  { "have/behind-the-end", PLACE (1, 1, 0), NULL, PST_ERROR_PROTOCOL, OURS_OVER },
  { "have/no-such-entry", PLACE (2, 0, 0), NULL, PST_ERROR_PROTOCOL, OURS_OVER },
  { "have/theirs", "{\"t\":\"have\",\"id\":2,\"parts\":1}", NULL, PST_ERROR_PROTOCOL, THEIRS_OVER },
  { "full", "{\"t\":\"full\",\"id\":1,\"missing\":5}", NULL, PST_ERROR_PROTOCOL, OURS },
  { "full/room", "{\"t\":\"room\",\"id\":1}", NULL, PST_ERROR_PROTOCOL, OURS },
  { "full/theirs", "{\"t\":\"full\",\"id\":2}", NULL, PST_ERROR_PROTOCOL, THEIRS_OVER },
  { "full/room-theirs", "{\"t\":\"room\",\"id\":2}", NULL, PST_ERROR_PROTOCOL, THEIRS_OVER },
  { "full/negative", "{\"t\":\"full\",\"id\":1,\"missing\":-1}", NULL, PST_ERROR_PROTOCOL, 0 },
  { "full/huge", "{\"t\":\"full\",\"id\":1,\"missing\":9223372036854775808}", NULL,
    PST_ERROR_PROTOCOL, 0 },

  /* Of both. */
  { "pause", "{\"t\":\"pause\",\"id\":2}", NULL, PST_ERROR_PROTOCOL, THEIRS },
  { "resume", "{\"t\":\"resume\",\"id\":2}", NULL, PST_ERROR_PROTOCOL, THEIRS },
  { "pause/ours", "{\"t\":\"pause\",\"id\":1}", NULL, PST_ERROR_PROTOCOL, OURS },
  { "resume/ours", "{\"t\":\"resume\",\"id\":1}", NULL, PST_ERROR_PROTOCOL, OURS },
  { "cancel", "{\"t\":\"cancel\",\"id\":2,\"reason\":\"cancelled\"}", NULL, PST_ERROR_PROTOCOL,
    THEIRS | SECOND_LINK },
  { "cancel/ours", "{\"t\":\"cancel\",\"id\":1,\"reason\":\"moon\"}", NULL, PST_ERROR_PROTOCOL,
    OURS },
  { "cancel/unknown", "{\"t\":\"cancel\",\"id\":8,\"reason\":\"cancelled\"}", NULL,
    PST_ERROR_PROTOCOL, SECOND_LINK },
  { "cancel/ours-to-come", "{\"t\":\"cancel\",\"id\":3,\"reason\":\"cancelled\"}", NULL,
    PST_ERROR_PROTOCOL, 0 },
  { "cancel/no-reason", "{\"t\":\"cancel\",\"id\":2}", NULL, PST_ERROR_PROTOCOL, 0 },
  { "cancel/long-text", NULL, send_long_text, PST_ERROR_PROTOCOL, 0 },
};

typedef struct
{
  const Deed *deed;
  At at;
} Case;

static void
assert_names (const char *folder, const char *names)
{
  g_assert_cmpuint (count_names (folder), ==, strlen (names));
  for (; *names != '\0'; names++)
    {
      char name[] = { *names, '\0' };
      g_autofree char *path = g_build_filename (folder, name, NULL);
      GStatBuf st;

      g_assert_cmpint (g_lstat (path, &st), ==, 0);
      g_assert_true (S_ISREG (st.st_mode));
      g_assert_cmpint (st.st_size, ==, *names == 'f' ? F_BYTES : 5);
    }
}

/* Nothing was written but what came whole, nothing is written any more, and all that
 * was on its way has an end. */
static void
assert_clean (Pair *pair, const char *whole)
{
  wait_for (pst_exchange_is_settled (pair->a));
  assert_names (pair->to, whole);
  g_assert_cmpuint (count_names (pair->dir), ==, 2);
  g_assert_cmpuint (count_names (pair->from), ==, pair->outgoing != NULL);
  g_assert_true (pair->incoming == NULL || pst_transfer_is_finished (pair->incoming));
  g_assert_true (pair->outgoing == NULL || pst_transfer_is_finished (pair->outgoing));
}

static void
assert_goes_on (Pair *pair, At at, const Heard *before)
{
  g_assert_no_error (pair->error_a);
  g_assert_false (pair->closed_a);
  g_assert_cmpuint (pst_exchange_get_buffered_bytes (pair->a), <=, PST_FLOW_HIGH_MARK_BYTES);
  g_assert_cmpuint (pair->a->transfers->len, <=, 2);
  if (!(BIT (at) & SILENT))
    hostile_say (pair, "{\"t\":\"ping\",\"n\":77}");
  wait_for ((BIT (at) & SILENT)
            || pair->heard.n_controls[PST_CONTROL_PONG] > before->n_controls[PST_CONTROL_PONG]);
  pst_exchange_close (pair->a, NULL);
}

/* The other side is told why, and so is the person. */
static void
assert_ends (Pair *pair, PstError code, const Heard *before)
{
  g_assert_true (pair->closed_a);
  g_assert_error (pair->error_a, PST_ERROR, (int) code);
  g_assert_cmpuint (strlen (pair->error_a->message), >, 10);
  wait_for (pair->heard.n_controls[PST_CONTROL_BYE] > before->n_controls[PST_CONTROL_BYE]);
  g_assert_cmpuint (pair->heard.n_controls[PST_CONTROL_BYE], ==, 1);
  g_assert_false (pair->heard.bye_in_peace);
  g_assert_cmpint (pair->heard.bye_reason, ==, code);
}

static void
test_misbehaviour (Pair *pair, gconstpointer data)
{
  const Case *c = data;
  const HostileState *state = &hostile_states[c->at];
  Heard before;

  state->reach (pair);
  hostile_wait (pair);
  wait_for (pst_channel_get_buffered_amount (PST_CHANNEL (pair->channel_a)) == 0);
  g_assert_cmpint (pair->closed_a, ==, (BIT (c->at) & GONE) != 0);
  before = pair->heard;

  if (c->deed->json != NULL)
    hostile_say (pair, c->deed->json);
  else
    c->deed->act (pair);
  hostile_wait (pair);

  if (BIT (c->at) & GONE)
    g_assert_no_error (pair->error_a);
  else if (BIT (c->at) & c->deed->fine)
    assert_goes_on (pair, c->at, &before);
  else
    assert_ends (pair, c->deed->code, &before);
  assert_clean (pair, state->whole);
}

int
main (int argc, char **argv)
{
  g_autofree Case *cases = g_new (Case, G_N_ELEMENTS (deeds) * N_AT);

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (deeds); i++)
    for (guint at = 0; at < N_AT; at++)
      {
        g_autofree char *path = g_strdup_printf ("/misbehaviour/%s/%s", hostile_states[at].name,
                                                 deeds[i].name);
        Case *c = &cases[i * N_AT + at];

        *c = (Case){ &deeds[i], at };
        g_test_add (path, Pair, c, pair_set_up_hostile, test_misbehaviour, pair_tear_down);
      }
  return g_test_run ();
}

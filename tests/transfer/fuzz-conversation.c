/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole conversations: the input says, letter by letter, what a peer with the keys
 * does, in any order and over several links, and what the person here does meanwhile.
 * After each step all that must always hold is looked at. Workers run at once and in
 * this thread, so that an input always leads to the same. */
#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "hostile-states.h"
#include "pst-exchange-private.h"
#include "pst-flow.h"
#include "pst-parcel.h"
#include "pst-path.h"

#define MAX_STEPS 200
#define MAX_OURS  6
#define OUR_LINKS 8

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

typedef struct
{
  Pair pair;
  const guint8 *next;
  const guint8 *end;
  GHashTable *digests; /* of those said to end a file, in hex */
  GHashTable *whole;   /* files that were looked into, by what a change would change */
  guint n_ours;
  gboolean blocked;
} Talk;

void
g_task_run_in_thread (GTask *task, GTaskThreadFunc func)
{
  func (task, g_task_get_source_object (task), g_task_get_task_data (task),
        g_task_get_cancellable (task));
}

int
fsync (int fd)
{
  return 0;
}

/* A key's guarded memory takes six system calls, and a conversation has four keys. The
 * sanitizer guards all memory. */
void *
sodium_malloc (size_t size)
{
  return g_malloc (size);
}

void
sodium_free (void *memory)
{
  g_free (memory);
}

int
sodium_mprotect_readonly (void *memory)
{
  return 0;
}

static guint
take (Talk *talk, guint n)
{
  return talk->next < talk->end ? (guint8) (*talk->next++ - '0') % n : 0;
}

static guint32
take_id (Talk *talk)
{
  static const guint32 ids[] = { 0, 1, 2, 3, 4, 5, 6, 8, G_MAXUINT32 - 1, G_MAXUINT32 };

  return ids[take (talk, G_N_ELEMENTS (ids))];
}

static guint64
take_number (Talk *talk)
{
  static const guint64 numbers[] = { 0,         1,       5,
                                     200,       300,     1000,
                                     65492,     F_BYTES, F_BYTES + 1,
                                     1 << 20,   1 << 24, (1 << 24) + 1,
                                     65493,     70000,   G_GUINT64_CONSTANT (1) << 60,
                                     G_MAXINT64 };

  return numbers[take (talk, G_N_ELEMENTS (numbers))];
}

static PstTransfer *
find (Talk *talk, gboolean incoming)
{
  GPtrArray *transfers = talk->pair.a->transfers;

  for (guint i = 0; i < transfers->len; i++)
    {
      PstTransfer *transfer = g_ptr_array_index (transfers, i);

      if (transfer->incoming == incoming && !pst_transfer_is_finished (transfer))
        return transfer;
    }

  return NULL;
}

static void G_GNUC_PRINTF (2, 3) say (Talk *talk, const char *format, ...)
{
  g_autofree char *json = NULL;
  va_list args;

  va_start (args, format);
  json = g_strdup_vprintf (format, args);
  va_end (args);
  hostile_say (&talk->pair, json);
}

static void
say_offer (Talk *talk)
{
  static const char *const entries[] = {
    F,
    G,
    "{\"p\":\"e\",\"k\":\"f\",\"s\":0,\"m\":0,\"x\":true}",
    "{\"p\":\"d\",\"k\":\"d\",\"m\":-1}",
    "{\"p\":\"d/x\",\"k\":\"f\",\"s\":1,\"m\":0}",
    "{\"p\":\"d/e\",\"k\":\"d\",\"m\":0}",
    "{\"p\":\"d/l\",\"k\":\"l\",\"m\":0,\"l\":\"x\"}",
    "{\"p\":\"d/m\",\"k\":\"l\",\"m\":0,\"l\":\"../..\"}",
    "{\"p\":\"../o\",\"k\":\"f\",\"s\":1,\"m\":0}",
    "{\"p\":\"/tmp/o\",\"k\":\"f\",\"s\":1,\"m\":0}",
    "{\"p\":\".penstock-o\",\"k\":\"f\",\"s\":1,\"m\":0}",
    "{\"p\":\"h\",\"k\":\"f\",\"s\":1152921504606846976,\"m\":0}",
    "{\"p\":\"f\",\"k\":\"d\",\"m\":0}",
    "{\"p\":\"f/x\",\"k\":\"f\",\"s\":1,\"m\":0}",
  };
  g_autoptr (GString) list = g_string_new (NULL);
  guint32 id = take_id (talk);
  guint part = take (talk, 4), n = take (talk, 5);
  gboolean last = take (talk, 2);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (list, "%s%s", i > 0 ? "," : "",
                            entries[take (talk, G_N_ELEMENTS (entries))]);
  say (talk, "{\"t\":\"offer\",\"id\":%u,\"part\":%u,\"last\":%s,\"entries\":[%s]}", id, part,
       last ? "true" : "false", list->str);
}

static void
say_place (Talk *talk)
{
  guint32 id = take_id (talk), entry = take (talk, 5);
  guint64 offset = take_number (talk), written = take_number (talk), window = take_number (talk);

  say (talk,
       "{\"t\":\"have\",\"id\":%u,\"parts\":1,\"entry\":%u,\"offset\":%" G_GUINT64_FORMAT
       ",\"written\":%" G_GUINT64_FORMAT ",\"window\":%" G_GUINT64_FORMAT "}",
       id, entry, offset, written, window);
}

static void
say_credit (Talk *talk)
{
  guint32 id = take_id (talk);
  guint64 received = take_number (talk), written = take_number (talk), window = take_number (talk);

  say (talk,
       "{\"t\":\"credit\",\"id\":%u,\"received\":%" G_GUINT64_FORMAT
       ",\"written\":%" G_GUINT64_FORMAT ",\"window\":%" G_GUINT64_FORMAT "}",
       id, received, written, window);
}

/* As an honest receiver does that has written all of it. */
static void
say_true_credit (Talk *talk)
{
  PstTransfer *out = find (talk, FALSE);

  if (out != NULL)
    say (talk,
         "{\"t\":\"credit\",\"id\":%u,\"received\":%" G_GUINT64_FORMAT
         ",\"written\":%" G_GUINT64_FORMAT ",\"window\":1048576}",
         out->wire_id, out->out.credit.sent_bytes, out->out.credit.sent_bytes);
}

static void
say_data (Talk *talk)
{
  guint32 id = take_id (talk), entry = take (talk, 5);
  guint64 offset = take_number (talk);
  gsize n_bytes = 1 + take_number (talk) % PST_FRAME_MAX_DATA_BYTES;

  hostile_say_data (&talk->pair, id, entry, offset, n_bytes);
}

static guint64
get_left (PstTransfer *in)
{
  const PstEntry *entry;

  if (in == NULL || in->in.sink == NULL || in->in.complete)
    return 0;

  entry = pst_manifest_get_entry (in->manifest, in->in.entry);
  return entry->size_bytes - in->in.offset;
}

/* The next bytes of the file whose turn it is. */
static void
say_true_data (Talk *talk)
{
  PstTransfer *in = find (talk, TRUE);
  guint64 most = take_number (talk);
  gsize n_bytes = MIN (MIN (get_left (in), most), PST_FRAME_MAX_DATA_BYTES);

  if (n_bytes > 0)
    hostile_say_data (&talk->pair, in->id, in->in.entry, in->in.offset, n_bytes);
}

static char *
digest_zeros (gsize n_bytes)
{
  static const guint8 zeros[1 << 20];
  guint8 digest[PST_DIGEST_BYTES];
  char *hex = g_malloc (2 * sizeof digest + 1);

  g_assert_cmpuint (n_bytes, <=, sizeof zeros);
  crypto_generichash (digest, sizeof digest, zeros, n_bytes, NULL, 0);
  return sodium_bin2hex (hex, 2 * sizeof digest + 1, digest, sizeof digest);
}

static void
say_end (Talk *talk, guint32 id, guint32 entry, gsize n_bytes, gboolean rightly)
{
  char *digest = digest_zeros (n_bytes);

  if (!rightly)
    digest[0] ^= 1; /* still a digit of hex: what differs is 0 and 1, 2 and 3 … */
  if (!g_ascii_isxdigit (digest[0]))
    digest[0] = '0';
  say (talk,
       "{\"t\":\"entry-done\",\"id\":%u,\"entry\":%u,\"size\":%" G_GSIZE_FORMAT
       ",\"digest\":\"%s\"}",
       id, entry, n_bytes, digest);
  g_hash_table_add (talk->digests, digest);
}

static void
say_some_end (Talk *talk)
{
  guint32 id = take_id (talk), entry = take (talk, 5);
  guint64 size = take_number (talk); /* MIN would take it twice */

  say_end (talk, id, entry, MIN (size, 1 << 20), take (talk, 2));
}

static void
say_true_end (Talk *talk)
{
  PstTransfer *in = find (talk, TRUE);

  if (in != NULL && in->in.sink != NULL && !in->in.complete)
    say_end (talk, in->id, in->in.entry,
             MIN (pst_manifest_get_entry (in->manifest, in->in.entry)->size_bytes, 1 << 20), TRUE);
}

static void
add_file (Talk *talk, GByteArray *parcel, guint32 entry, gsize n_bytes)
{
  if (parcel->len + PST_PARCEL_RECORD_BYTES + n_bytes > PST_FRAME_MAX_PAYLOAD_BYTES)
    return;

  hostile_add_zeros (parcel, entry, n_bytes);
  g_hash_table_add (talk->digests, digest_zeros (n_bytes));
}

/* Whole files, whose turn it is or not. */
static void
say_parcel (Talk *talk)
{
  g_autoptr (GByteArray) parcel = pst_parcel_new (take_id (talk));
  guint n = take (talk, 4);

  for (guint i = 0; i < n; i++)
    {
      guint32 entry = take (talk, 5);

      add_file (talk, parcel, entry, take_number (talk) % PST_FRAME_MAX_PAYLOAD_BYTES);
    }
  hostile_send_parcel (&talk->pair, parcel);
}

/* The file whose turn it is, and those behind it. */
static void
say_true_parcel (Talk *talk)
{
  PstTransfer *in = find (talk, TRUE);
  g_autoptr (GByteArray) parcel = NULL;

  if (in == NULL || in->in.sink == NULL || in->in.complete)
    return;

  parcel = pst_parcel_new (in->id);
  for (guint i = in->in.entry; i < pst_manifest_get_n_entries (in->manifest); i++)
    {
      const PstEntry *entry = pst_manifest_get_entry (in->manifest, i);

      if (entry->kind == PST_ENTRY_FILE && pst_transfer_is_selected (in, i))
        add_file (talk, parcel, i, MIN (entry->size_bytes, PST_FRAME_MAX_PAYLOAD_BYTES));
    }
  hostile_send_parcel (&talk->pair, parcel);
}

static void
say_accept (Talk *talk)
{
  guint32 id = take_id (talk);
  guint64 window = take_number (talk);
  guint first = take (talk, 4), last = take (talk, 4);

  if (take (talk, 2))
    say (talk, "{\"t\":\"accept\",\"id\":%u,\"window\":%" G_GUINT64_FORMAT "}", id, window);
  else
    say (talk,
         "{\"t\":\"accept\",\"id\":%u,\"window\":%" G_GUINT64_FORMAT ",\"entries\":[[%u,%u]]}", id,
         window, first, last);
}

/* About a further link, which nobody here makes. */
static void
say_link (Talk *talk)
{
  static const char *const members[] = {
    "",
    ",\"wanted\":true",
    ",\"signal\":{\"t\":\"ice\",\"epoch\":1,\"candidates\":[]}",
    ",\"wanted\":true,\"signal\":{}",
    ",\"signal\":7",
  };
  guint number = take (talk, PST_CONTROL_MAX_LINK + 2);

  say (talk, "{\"t\":\"link\",\"n\":%u%s}", number, members[take (talk, G_N_ELEMENTS (members))]);
}

/* An end may also be said letter by letter. */
static void
note_digest (Talk *talk, const guint8 *text, gsize n_bytes)
{
  g_autoptr (GBytes) payload = g_bytes_new_static (text, n_bytes);
  g_auto (PstControl) control = { 0 };
  char hex[2 * PST_DIGEST_BYTES + 1];

  if (pst_control_read (payload, &control, NULL) && control.kind == PST_CONTROL_ENTRY_DONE)
    g_hash_table_add (talk->digests, g_strdup (sodium_bin2hex (hex, sizeof hex, control.digest,
                                                               sizeof control.digest)));
}

static void
say_text (Talk *talk)
{
  gsize wanted = 1 + take (talk, 200);
  gsize n = MIN ((gsize) (talk->end - talk->next), wanted);

  if (n > 0)
    {
      note_digest (talk, talk->next, n);
      hostile_send (&talk->pair, hostile_seal (&talk->pair, PST_FRAME_CONTROL, talk->next, n));
    }
  talk->next += n;
}

static void
send_raw (Talk *talk)
{
  gsize wanted = 1 + take (talk, 60);
  gsize n = MIN ((gsize) (talk->end - talk->next), wanted);

  if (n > 0)
    hostile_send (&talk->pair, g_bytes_new (talk->next, n));
  talk->next += n;
}

static void
replace_link (Talk *talk)
{
  if (talk->pair.closed_a)
    return;

  pair_cut (&talk->pair);
  pair_mend (&talk->pair);
  talk->blocked = FALSE;
}

static void
offer_ours (Talk *talk)
{
  static const gsize sizes[] = { 0, 5, F_BYTES, PST_FRAME_MAX_DATA_BYTES, 700000 };
  g_autofree char *name = NULL;
  gsize n_bytes = sizes[take (talk, G_N_ELEMENTS (sizes))];

  if (talk->n_ours == MAX_OURS || talk->pair.closed_a)
    return;

  name = g_strdup_printf ("ours-%u", talk->n_ours++);
  g_free (pair_make_file (&talk->pair, name, n_bytes));
  pair_offer (&talk->pair, name);
}

static void
accept_theirs (Talk *talk)
{
  PstTransfer *in = find (talk, TRUE);
  g_autofree guint8 *selection = NULL;

  if (in == NULL || in->state != PST_TRANSFER_OFFERED)
    return;

  selection = g_malloc0 (pst_manifest_get_n_entries (in->manifest));
  selection[0] = 1;
  pst_transfer_accept (in, talk->pair.to, take (talk, 2) ? selection : NULL, NULL);
}

static void
with (Talk *talk, void (*verb) (PstTransfer *))
{
  PstTransfer *transfer = find (talk, take (talk, 2));

  if (transfer != NULL)
    verb (transfer);
}

static void
block (Talk *talk)
{
  talk->blocked = !talk->blocked;
  pst_memory_channel_set_blocked (talk->pair.channel_a, talk->blocked);
}

static void
act_here (Talk *talk, char what)
{
  switch (what)
    {
    case 'y':
      accept_theirs (talk);
      break;
    case 'n':
      with (talk, pst_transfer_decline);
      break;
    case 'p':
      with (talk, pst_transfer_pause);
      break;
    case 'r':
      with (talk, pst_transfer_resume);
      break;
    case 'c':
      with (talk, pst_transfer_cancel);
      break;
    case 'o':
      offer_ours (talk);
      break;
    case 'l':
      replace_link (talk);
      break;
    case 'b':
      block (talk);
      break;
    case 'q':
      pst_exchange_say_bye (talk->pair.a, NULL);
      pst_exchange_close (talk->pair.a, NULL);
      break;
    default:
      break;
    }
}

static void
act_there (Talk *talk, char what)
{
  switch (what)
    {
    case 'H':
      say (talk, "{\"t\":\"hello\",\"v\":%u,\"name\":\"N\"}", 1 + take (talk, 2));
      break;
    case 'S':
      say (talk, "{\"t\":\"hello\",\"v\":1,\"parcels\":true}");
      break;
    case 'I':
      say (talk, "{\"t\":\"hello\",\"v\":1,\"links\":%u}", take (talk, 20));
      break;
    case 'k':
      say_link (talk);
      break;
    case 'G':
      say_parcel (talk);
      break;
    case 'g':
      say_true_parcel (talk);
      break;
    case 'O':
      say_offer (talk);
      break;
    case 'A':
      say_accept (talk);
      break;
    case 'D':
      say_data (talk);
      break;
    case 'd':
      say_true_data (talk);
      break;
    case 'E':
      say_some_end (talk);
      break;
    case 'e':
      say_true_end (talk);
      break;
    case 'C':
      say_credit (talk);
      break;
    case 't':
      say_true_credit (talk);
      break;
    case 'L':
      say_place (talk);
      break;
    case 'h':
      say (talk, "{\"t\":\"have\",\"id\":%u,\"parts\":%u}", take_id (talk), take (talk, 3));
      break;
    case 'K':
      say (talk, "{\"t\":\"keep\",\"id\":%u,\"paused\":%s}", take_id (talk),
           take (talk, 2) ? "true" : "false");
      break;
    case 'N':
      say (talk, "{\"t\":\"decline\",\"id\":%u}", take_id (talk));
      break;
    case 'P':
      say (talk, "{\"t\":\"pause\",\"id\":%u}", take_id (talk));
      break;
    case 'R':
      say (talk, "{\"t\":\"resume\",\"id\":%u}", take_id (talk));
      break;
    case 'f':
      say (talk, "{\"t\":\"full\",\"id\":%u,\"missing\":%" G_GUINT64_FORMAT "}", take_id (talk),
           take_number (talk));
      break;
    case 'm':
      say (talk, "{\"t\":\"room\",\"id\":%u}", take_id (talk));
      break;
    case 'X':
      say (talk, "{\"t\":\"cancel\",\"id\":%u,\"reason\":\"%s\"}", take_id (talk),
           take (talk, 2) ? "disk-full" : "cancelled");
      break;
    case 'F':
      say (talk, "{\"t\":\"entry-failed\",\"id\":%u,\"entry\":%u,\"reason\":\"changed\"}",
           take_id (talk), take (talk, 5));
      break;
    case 'V':
      say (talk, "{\"t\":\"verified\",\"id\":%u,\"files\":%u,\"failed\":%u}", take_id (talk),
           take (talk, 4), take (talk, 3));
      break;
    case 'i':
      say (talk, "{\"t\":\"ping\",\"n\":%" G_GUINT64_FORMAT "}", take_number (talk));
      break;
    case 'u':
      say (talk, "{\"t\":\"pong\",\"n\":%" G_GUINT64_FORMAT "}", take_number (talk));
      break;
    case 'B':
      say (talk, take (talk, 2) ? "{\"t\":\"bye\"}" : "{\"t\":\"bye\",\"reason\":\"limit\"}");
      break;
    case 'T':
      say_text (talk);
      break;
    case 'W':
      send_raw (talk);
      break;
    default:
      act_here (talk, what);
    }
}

/* Everything that another content, or another file in its place, would change. */
static char *
identify (const char *path)
{
  GStatBuf st;

  g_assert_cmpint (g_lstat (path, &st), ==, 0);
  return g_strdup_printf ("%" G_GUINT64_FORMAT " %" G_GINT64_FORMAT " %ld.%09ld",
                          (guint64) st.st_ino, (gint64) st.st_size, st.st_ctim.tv_sec,
                          st.st_ctim.tv_nsec);
}

/* A file with a name of its own is whole: it was said to end so. */
static void
check_file (Talk *talk, const char *path)
{
  g_autofree char *bytes = NULL;
  guint8 digest[PST_DIGEST_BYTES];
  char hex[2 * sizeof digest + 1];
  gsize n_bytes;

  if (!g_hash_table_add (talk->whole, identify (path)))
    return;

  g_assert_true (g_file_get_contents (path, &bytes, &n_bytes, NULL));
  crypto_generichash (digest, sizeof digest, (const guint8 *) bytes, n_bytes, NULL, 0);
  sodium_bin2hex (hex, sizeof hex, digest, sizeof digest);
  g_assert_true (g_hash_table_contains (talk->digests, hex));
}

/* It leads to nothing outside of what was sent; @path is below the folder. */
static void
check_link (Talk *talk, const char *path)
{
  g_autofree char *target = g_file_read_link (path, NULL);
  g_autofree char *named = pst_path_resolve_link (path + strlen (talk->pair.to) + 1, target);

  g_assert_nonnull (named);
}

static void
check_tree (Talk *talk, const char *path, guint depth)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_SYMLINK))
        check_link (talk, child);
      else if (g_file_test (child, G_FILE_TEST_IS_DIR))
        check_tree (talk, child, depth + 1);
      else if (depth > 0 || !g_str_has_prefix (name, ".penstock-"))
        check_file (talk, child);
    }
}

static void
check_transfer (PstTransfer *transfer)
{
  PstCredit *credit = &transfer->out.credit;
  PstWindow *window = &transfer->in.window;

  g_assert_cmpuint (credit->written_bytes, <=, credit->taken_bytes);
  g_assert_cmpuint (credit->taken_bytes, <=, credit->received_bytes);
  g_assert_cmpuint (credit->received_bytes, <=, credit->sent_bytes);
  g_assert_cmpuint (credit->sent_bytes - credit->taken_bytes, <=, PST_FLOW_MAX_WINDOW_BYTES);
  g_assert_cmpuint (transfer->out.blocks_bytes, <=, PST_TRANSFER_READ_AHEAD_BYTES);
  g_assert_cmpuint (transfer->out.marks.length, <=, 64);

  g_assert_cmpuint (window->written_bytes, <=, window->taken_bytes);
  g_assert_cmpuint (window->taken_bytes, <=, window->received_bytes);
  g_assert_cmpuint (window->received_bytes - window->announced_taken_bytes, <=,
                    PST_FLOW_MAX_WINDOW_BYTES);
  if (transfer->in.sink != NULL)
    g_assert_cmpuint (pst_sink_get_pending_bytes (transfer->in.sink), <=,
                      window->received_bytes - window->taken_bytes);
  g_assert_cmpuint (transfer->in.offer_bytes, <=, PST_EXCHANGE_MAX_INCOMING_OFFER_BYTES);
}

static void
check (Talk *talk)
{
  Pair *pair = &talk->pair;
  GPtrArray *transfers = pair->a->transfers;

  for (guint i = 0; i < transfers->len; i++)
    check_transfer (g_ptr_array_index (transfers, i));
  g_assert_cmpuint (transfers->len, <=, PST_EXCHANGE_MAX_INCOMING + MAX_OURS);
  g_assert_cmpuint (pst_exchange_get_buffered_bytes (pair->a), <=,
                    PST_EXCHANGE_MAX_UNREAD_BYTES + PST_FRAME_MAX_BYTES);
  if (pair->closed_a && pair->error_a != NULL)
    g_assert_cmpint (pair->error_a->domain, ==, PST_ERROR);
  g_assert_cmpuint (count_names (pair->dir), ==, 2);
  g_assert_cmpuint (count_names (pair->from), ==, talk->n_ours);
  check_tree (talk, pair->to, 0);
}

/* Until nothing is left to do; what waits for time alone is left. */
static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
converse (Talk *talk)
{
  for (guint i = 0; i < MAX_STEPS && talk->next < talk->end; i++)
    {
      act_there (talk, (char) *talk->next++);
      settle ();
      check (talk);
    }
}

static void
prepare (void)
{
  /* Nothing here waits for a disk. */
  if (g_getenv ("TMPDIR") == NULL && g_access ("/dev/shm", W_OK) == 0)
    g_setenv ("TMPDIR", "/dev/shm", TRUE);
  pst_memory_channel_set_most_links (OUR_LINKS);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  static gsize once;
  Talk talk = { .next = data, .end = data + size };

  if (g_once_init_enter (&once))
    {
      prepare ();
      g_once_init_leave (&once, 1);
    }
  talk.digests = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  talk.whole = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  pair_set_up_hostile (&talk.pair, NULL);
  converse (&talk);
  pst_exchange_close (talk.pair.a, NULL);
  settle ();
  g_hash_table_remove_all (talk.whole); /* clocks of files are coarse: once more, all */
  check (&talk);
  pair_tear_down (&talk.pair, NULL);
  g_hash_table_unref (talk.digests);
  g_hash_table_unref (talk.whole);
  return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pair.h"

#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>

#include "pst-error.h"
#include "pst-parcel.h"

gboolean
return_true (gpointer unused)
{
  return TRUE;
}

void
pair_on_added (PstExchange *exchange, PstTransfer *transfer, gpointer user_data)
{
  Pair *pair = user_data;

  if (pst_transfer_is_incoming (transfer))
    g_set_object (&pair->incoming, transfer);
}

static void
on_closed_a (PstExchange *exchange, const GError *error, gpointer user_data)
{
  Pair *pair = user_data;

  pair->closed_a = TRUE;
  pair->error_a = error != NULL ? g_error_copy (error) : NULL;
}

static void
on_closed_b (PstExchange *exchange, const GError *error, gpointer user_data)
{
  Pair *pair = user_data;

  pair->closed_b = TRUE;
  pair->error_b = error != NULL ? g_error_copy (error) : NULL;
}

static void
on_lost_a (PstExchange *exchange, const GError *error, gpointer user_data)
{
  g_assert_error (error, PST_ERROR, PST_ERROR_LOST);
  ((Pair *) user_data)->lost_a = TRUE;
}

static void
on_lost_b (PstExchange *exchange, const GError *error, gpointer user_data)
{
  g_assert_error (error, PST_ERROR, PST_ERROR_LOST);
  ((Pair *) user_data)->lost_b = TRUE;
}

static void
hear_parcel (Pair *pair, GBytes *payload)
{
  g_autoptr (GError) error = NULL;
  guint32 transfer;
  g_autoptr (GArray) files = pst_parcel_read (payload, &transfer, &error);

  g_assert_no_error (error);
  pair->heard.n_parcels++;
  pair->heard.n_parcel_files += files->len;
  for (guint i = 0; i < files->len; i++)
    pair->heard.data_bytes += g_array_index (files, PstParcelFile, i).n_bytes;
}

/* Everything @a says opens, and can be read. */
static void
on_hostile_frame (PstChannel *channel, GBytes *frame, gpointer user_data)
{
  Pair *pair = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) payload = NULL;
  g_auto (PstControl) control = { 0 };
  PstFrameKind kind;

  payload = pst_seal_open (pair->hostile_opener, frame, &kind, &error);
  g_assert_no_error (error);
  if (kind == PST_FRAME_DATA)
    {
      pair->heard.data_bytes += g_bytes_get_size (payload) - PST_FRAME_DATA_HEADER_BYTES;
      return;
    }

  if (kind == PST_FRAME_PARCEL)
    {
      hear_parcel (pair, payload);
      return;
    }

  pst_control_read (payload, &control, &error);
  g_assert_no_error (error);
  pair->heard.n_controls[control.kind]++;
  if (control.kind == PST_CONTROL_BYE)
    {
      pair->heard.bye_in_peace = control.in_peace;
      pair->heard.bye_reason = control.reason;
    }
}

static void
forget_hostile (Pair *pair)
{
  if (pair->channel_b != NULL)
    g_signal_handlers_disconnect_by_data (pair->channel_b, pair);
  g_clear_pointer (&pair->hostile_seal, pst_seal_free);
  g_clear_pointer (&pair->hostile_opener, pst_seal_free);
}

static void
begin_hostile (Pair *pair)
{
  pair->hostile_seal = pst_seal_new (pair->key_ba, 0);
  pair->hostile_opener = pst_seal_new (pair->key_ab, 0);
  g_signal_connect (pair->channel_b, "frame", G_CALLBACK (on_hostile_frame), pair);
}

static GBytes *
random_key (void)
{
  guint8 key[32];

  randombytes_buf (key, sizeof key);
  return g_bytes_new (key, sizeof key);
}

static void
make_folders (Pair *pair)
{
  pair->dir = g_dir_make_tmp ("pst-pair-XXXXXX", NULL);
  pair->from = g_build_filename (pair->dir, "from", NULL);
  pair->to = g_build_filename (pair->dir, "to", NULL);
  g_assert_cmpint (g_mkdir (pair->from, 0755), ==, 0);
  g_assert_cmpint (g_mkdir (pair->to, 0755), ==, 0);
}

static void
set_up_a (Pair *pair)
{
  pst_memory_channel_new_pair (&pair->channel_a, &pair->channel_b);
  pair->key_ab = random_key ();
  pair->key_ba = random_key ();
  pair->a = pst_exchange_new (PST_CHANNEL (pair->channel_a), TRUE, pair->key_ab, pair->key_ba,
                              "Ann\xe2\x80\xae", 0, FALSE);
  g_signal_connect (pair->a, "transfer-added", G_CALLBACK (pair_on_added), pair);
  g_signal_connect (pair->a, "closed", G_CALLBACK (on_closed_a), pair);
  g_signal_connect (pair->a, "lost", G_CALLBACK (on_lost_a), pair);
}

static void
set_up_both (Pair *pair)
{
  set_up_a (pair);
  pair->b = pst_exchange_new (PST_CHANNEL (pair->channel_b), FALSE, pair->key_ba, pair->key_ab,
                              NULL, 0, FALSE);
  g_signal_connect (pair->b, "transfer-added", G_CALLBACK (pair_on_added), pair);
  g_signal_connect (pair->b, "closed", G_CALLBACK (on_closed_b), pair);
  g_signal_connect (pair->b, "lost", G_CALLBACK (on_lost_b), pair);
}

void
pair_set_up (Pair *pair, gconstpointer unused)
{
  make_folders (pair);
  set_up_both (pair);
}

void
pair_renew (Pair *pair)
{
  g_assert_finalize_object (g_steal_pointer (&pair->a));
  g_assert_finalize_object (g_steal_pointer (&pair->b));
  g_clear_object (&pair->channel_a);
  g_clear_object (&pair->channel_b);
  g_clear_error (&pair->error_a);
  g_clear_error (&pair->error_b);
  g_bytes_unref (pair->key_ab);
  g_bytes_unref (pair->key_ba);
  pair->closed_a = pair->closed_b = pair->lost_a = pair->lost_b = FALSE;
  set_up_both (pair);
}

void
pair_cut (Pair *pair)
{
  pst_memory_channel_cut (pair->channel_a);
  g_assert_true (pair->lost_a && (pair->b == NULL || pair->lost_b));
  g_assert_false (pst_exchange_is_attached (pair->a));
}

void
pair_mend (Pair *pair)
{
  forget_hostile (pair);
  g_clear_object (&pair->channel_a);
  g_clear_object (&pair->channel_b);
  g_bytes_unref (pair->key_ab);
  g_bytes_unref (pair->key_ba);
  pst_memory_channel_new_pair (&pair->channel_a, &pair->channel_b);
  pair->key_ab = random_key ();
  pair->key_ba = random_key ();
  pair->lost_a = pair->lost_b = FALSE;
  pst_exchange_attach (pair->a, PST_CHANNEL (pair->channel_a), pair->key_ab, pair->key_ba);
  if (pair->b != NULL)
    {
      pst_exchange_attach (pair->b, PST_CHANNEL (pair->channel_b), pair->key_ba, pair->key_ab);
      return;
    }

  begin_hostile (pair);
}

void
pair_set_up_hostile (Pair *pair, gconstpointer unused)
{
  make_folders (pair);
  set_up_a (pair);
  begin_hostile (pair);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (!g_file_test (path, G_FILE_TEST_IS_SYMLINK))
    dir = g_dir_open (path, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_assert_cmpint (g_remove (path), ==, 0);
}

void
pair_tear_down (Pair *pair, gconstpointer unused)
{
  if (pair->a != NULL)
    pst_exchange_close (pair->a, NULL);
  if (pair->b != NULL)
    pst_exchange_close (pair->b, NULL);
  wait_for ((pair->a == NULL || pst_exchange_is_settled (pair->a))
            && (pair->b == NULL || pst_exchange_is_settled (pair->b)));

  forget_hostile (pair);
  g_clear_object (&pair->incoming);
  g_clear_object (&pair->outgoing);
  g_assert_finalize_object (g_steal_pointer (&pair->a));
  if (pair->b != NULL)
    g_assert_finalize_object (g_steal_pointer (&pair->b));
  g_clear_object (&pair->channel_a);
  g_clear_object (&pair->channel_b);
  g_clear_error (&pair->error_a);
  g_clear_error (&pair->error_b);
  g_bytes_unref (pair->key_ab);
  g_bytes_unref (pair->key_ba);
  remove_tree (pair->dir);
  g_free (pair->dir);
  g_free (pair->from);
  g_free (pair->to);
}

GBytes *
hostile_seal (Pair *pair, PstFrameKind kind, const void *bytes, gsize n_bytes)
{
  return pst_seal_close (pair->hostile_seal, kind, bytes, n_bytes, NULL, 0);
}

void
hostile_wait (Pair *pair)
{
  wait_for (pst_channel_get_buffered_amount (PST_CHANNEL (pair->channel_b)) == 0);
}

void
hostile_send (Pair *pair, GBytes *frame)
{
  g_autoptr (GBytes) owned = frame;

  g_assert_true (pst_channel_send (PST_CHANNEL (pair->channel_b), frame, NULL));
}

void
hostile_say (Pair *pair, const char *json)
{
  hostile_send (pair, hostile_seal (pair, PST_FRAME_CONTROL, json, strlen (json)));
}

void
hostile_say_data (Pair *pair, guint32 id, guint32 entry, guint64 offset, gsize n_bytes)
{
  PstFrameDataHeader header = { id, entry, offset };
  g_autofree guint8 *payload = g_malloc0 (PST_FRAME_DATA_HEADER_BYTES + n_bytes);

  pst_frame_write_data_header (&header, payload);
  hostile_send (pair, hostile_seal (pair, PST_FRAME_DATA, payload,
                                    PST_FRAME_DATA_HEADER_BYTES + n_bytes));
}

void
hostile_add_zeros (GByteArray *parcel, guint32 entry, gsize n_bytes)
{
  g_autofree guint8 *zeros = g_malloc0 (n_bytes + 1);
  guint8 digest[PST_DIGEST_BYTES];

  crypto_generichash (digest, sizeof digest, zeros, n_bytes, NULL, 0);
  pst_parcel_add (parcel, entry, digest, zeros, n_bytes);
}

void
hostile_send_parcel (Pair *pair, GByteArray *parcel)
{
  hostile_send (pair, hostile_seal (pair, PST_FRAME_PARCEL, parcel->data, parcel->len));
}

char *
pair_make_file (Pair *pair, const char *name, gsize n_bytes)
{
  char *path = g_build_filename (pair->from, name, NULL);
  g_autofree guint8 *bytes = g_malloc (MAX (n_bytes, 1));

  randombytes_buf (bytes, n_bytes);
  g_assert_true (g_file_set_contents (path, (const char *) bytes, n_bytes, NULL));
  return path;
}

char *
pair_make_folder (Pair *pair, const char *name)
{
  char *path = g_build_filename (pair->from, name, NULL);

  g_assert_cmpint (g_mkdir (path, 0755), ==, 0);
  return path;
}

PstTransfer *
pair_offer (Pair *pair, const char *name)
{
  g_autofree char *path = g_build_filename (pair->from, name, NULL);
  const char *paths[] = { path, NULL };

  return pst_exchange_offer (pair->a, paths);
}

void
pair_accept (Pair *pair)
{
  g_autoptr (GError) error = NULL;

  wait_for (pair->incoming != NULL);
  pst_transfer_accept (pair->incoming, pair->to, NULL, &error);
  g_assert_no_error (error);
}

gboolean
pair_same_file (const char *one, const char *other)
{
  g_autofree char *a = NULL, *b = NULL;
  gsize a_bytes, b_bytes;

  return g_file_get_contents (one, &a, &a_bytes, NULL)
         && g_file_get_contents (other, &b, &b_bytes, NULL) && a_bytes == b_bytes
         && memcmp (a, b, a_bytes) == 0;
}

guint
count_names (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

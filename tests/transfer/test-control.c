/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-control.h"

#include <string.h>

#include "pst-frame.h"
#include "pst-manifest.h"

#define DIGEST "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

/* Each reads, and writes to the same text again. */
static const char *const good[] = {
  "{\"t\":\"hello\",\"v\":1}",
  "{\"t\":\"hello\",\"v\":1,\"name\":\"Ann\"}",
  "{\"t\":\"hello\",\"v\":1,\"resume\":true,\"name\":\"Ann\"}",
  "{\"t\":\"checking\",\"id\":1,\"checked\":20,\"total\":30}",
  "{\"t\":\"checking\",\"id\":1,\"checked\":0,\"total\":0}",
  "{\"t\":\"held\",\"id\":1,\"entries\":[]}",
  "{\"t\":\"held\",\"id\":1,\"entries\":[[0],[1,0,\"" DIGEST "\"],[199999,9,\"" DIGEST
  "\",3,\"" DIGEST "\"]]}",
  "{\"t\":\"entry-from\",\"id\":1,\"entry\":7,\"offset\":1152921504606846976}",
  "{\"t\":\"offer\",\"id\":1,\"part\":0,\"last\":true,\"entries\":[{\"p\":\"a\"}]}",
  "{\"t\":\"accept\",\"id\":1,\"window\":16777216}",
  "{\"t\":\"accept\",\"id\":1,\"entries\":[[0,3],[5,5]],\"window\":16777216}",
  "{\"t\":\"accept\",\"id\":1,\"entries\":[],\"window\":0}",
  "{\"t\":\"decline\",\"id\":4294967295}",
  "{\"t\":\"pause\",\"id\":1}",
  "{\"t\":\"resume\",\"id\":1}",
  "{\"t\":\"full\",\"id\":1,\"missing\":1200000000}",
  "{\"t\":\"full\",\"id\":1}",
  "{\"t\":\"room\",\"id\":1}",
  "{\"t\":\"credit\",\"id\":1,\"received\":20,\"written\":10,\"window\":16777216}",
  "{\"t\":\"credit\",\"id\":1,\"received\":20,\"written\":10,\"taken\":15,\"window\":1}",
  "{\"t\":\"entry-done\",\"id\":1,\"entry\":7,\"size\":9,\"digest\":\"" DIGEST "\"}",
  "{\"t\":\"entry-failed\",\"id\":1,\"entry\":7,\"reason\":\"changed\",\"message\":\"x\"}",
  "{\"t\":\"entry-failed\",\"id\":1,\"entry\":7,\"reason\":\"source\"}",
  "{\"t\":\"verified\",\"id\":1,\"files\":3,\"failed\":1}",
  "{\"t\":\"cancel\",\"id\":1,\"reason\":\"cancelled\"}",
  "{\"t\":\"cancel\",\"id\":1,\"reason\":\"disk-full\",\"message\":\"x\"}",
  "{\"t\":\"keep\",\"id\":1,\"paused\":true}",
  "{\"t\":\"have\",\"id\":1,\"paused\":false,\"parts\":2}",
  "{\"t\":\"have\",\"id\":1,\"paused\":false,\"parts\":1,\"entry\":200000,\"offset\":0,"
  "\"written\":9,\"window\":16777216}",
  "{\"t\":\"have\",\"id\":1,\"paused\":false,\"parts\":1,\"entry\":0,\"offset\":7,"
  "\"written\":9,\"taken\":10,\"window\":1}",
  "{\"t\":\"hello\",\"v\":1,\"resume\":true,\"parcels\":true,\"receives\":true}",
  "{\"t\":\"hello\",\"v\":1,\"links\":8}",
  "{\"t\":\"link\",\"n\":1,\"wanted\":true}",
  "{\"t\":\"link\",\"n\":15,\"signal\":{\"t\":\"ice\",\"epoch\":0,\"c\":[],\"end\":true}}",
  "{\"t\":\"link\",\"n\":7}",
  "{\"t\":\"remember\",\"agrees\":true}",
  "{\"t\":\"remember\",\"agrees\":false}",
  "{\"t\":\"ping\",\"n\":123456789012}",
  "{\"t\":\"pong\",\"n\":0}",
  "{\"t\":\"bye\"}",
  "{\"t\":\"bye\",\"reason\":\"cancelled\"}",
  "{\"t\":\"bye\",\"reason\":\"failed\"}",
};

static const char *const bad[] = {
  "",
  "[]",
  "{}",
  "{\"t\":1}",
  "{\"t\":\"hello\"}",
  "{\"t\":\"hello\",\"v\":-1}",
  "{\"t\":\"hello\",\"v\":1,\"name\":7}",
  "{\"t\":\"offer\",\"id\":1,\"part\":0}",
  "{\"t\":\"offer\",\"id\":1,\"part\":0,\"last\":1,\"entries\":[]}",
  "{\"t\":\"offer\",\"id\":1,\"part\":200001,\"last\":true,\"entries\":[]}",
  "{\"t\":\"offer\",\"id\":4294967296,\"part\":0,\"entries\":[]}",
  "{\"t\":\"accept\",\"id\":1}",
  "{\"t\":\"accept\",\"id\":1,\"window\":16777217}",
  "{\"t\":\"accept\",\"id\":1,\"window\":1,\"entries\":[[3,1]]}",
  "{\"t\":\"accept\",\"id\":1,\"window\":1,\"entries\":[[0,1],[1,2]]}",
  "{\"t\":\"accept\",\"id\":1,\"window\":1,\"entries\":[[-1,1]]}",
  "{\"t\":\"accept\",\"id\":1,\"window\":1,\"entries\":[[0,200000]]}",
  "{\"t\":\"accept\",\"id\":1,\"window\":1,\"entries\":[[0]]}",
  "{\"t\":\"accept\",\"id\":1,\"window\":1,\"entries\":[0]}",
  "{\"t\":\"accept\",\"id\":1,\"window\":1,\"entries\":[[0,\"1\"]]}",
  "{\"t\":\"accept\",\"id\":1,\"window\":1,\"entries\":[[[0],1]]}",
  "{\"t\":\"accept\",\"id\":1,\"window\":1,\"entries\":{}}",
  "{\"t\":\"hello\",\"v\":1,\"links\":-1}",
  "{\"t\":\"hello\",\"v\":1,\"links\":65536}",
  "{\"t\":\"hello\",\"v\":1,\"links\":true}",
  "{\"t\":\"link\"}",
  "{\"t\":\"link\",\"n\":0}",
  "{\"t\":\"link\",\"n\":16}",
  "{\"t\":\"link\",\"n\":-1}",
  "{\"t\":\"link\",\"n\":\"1\"}",
  "{\"t\":\"link\",\"n\":1,\"wanted\":1}",
  "{\"t\":\"link\",\"n\":1,\"signal\":\"\"}",
  "{\"t\":\"link\",\"n\":1,\"signal\":null}",
  "{\"t\":\"link\",\"n\":1,\"signal\":[]}",
  "{\"t\":\"link\",\"n\":1,\"wanted\":true,\"signal\":{}}",
  "{\"t\":\"remember\"}",
  "{\"t\":\"remember\",\"agrees\":1}",
  "{\"t\":\"decline\"}",
  "{\"t\":\"credit\",\"id\":1,\"received\":20,\"window\":1}",
  "{\"t\":\"credit\",\"id\":1,\"received\":-20,\"written\":0,\"window\":1}",
  "{\"t\":\"entry-done\",\"id\":1,\"entry\":200000,\"size\":9,\"digest\":\"" DIGEST "\"}",
  "{\"t\":\"entry-done\",\"id\":1,\"entry\":7,\"size\":-9,\"digest\":\"" DIGEST "\"}",
  "{\"t\":\"entry-done\",\"id\":1,\"entry\":7,\"size\":9,\"digest\":\"00\"}",
  "{\"t\":\"entry-done\",\"id\":1,\"entry\":7,\"size\":9,\"digest\":\"0x"
  "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\"}",
  "{\"t\":\"entry-done\",\"id\":1,\"entry\":7,\"size\":9,\"digest\":\"" DIGEST "00\"}",
  "{\"t\":\"entry-done\",\"id\":1,\"entry\":7,\"size\":9,\"digest\":\"zz" DIGEST "\"}",
  "{\"t\":\"entry-failed\",\"id\":1,\"entry\":7}",
  "{\"t\":\"entry-failed\",\"id\":1,\"entry\":7,\"reason\":\"changed\",\"message\":[]}",
  "{\"t\":\"verified\",\"id\":1,\"files\":3}",
  "{\"t\":\"verified\",\"id\":1,\"files\":-3,\"failed\":0}",
  "{\"t\":\"cancel\",\"id\":1}",
  "{\"t\":\"full\",\"id\":1,\"missing\":-1}",
  "{\"t\":\"room\"}",
  "{\"t\":\"keep\"}",
  "{\"t\":\"keep\",\"id\":1,\"paused\":1}",
  "{\"t\":\"have\",\"id\":1}",
  "{\"t\":\"have\",\"id\":1,\"parts\":200001}",
  "{\"t\":\"have\",\"id\":1,\"parts\":1,\"entry\":0}",
  "{\"t\":\"have\",\"id\":1,\"parts\":1,\"entry\":200001,\"offset\":0,\"written\":0,\"window\":0}",
  "{\"t\":\"have\",\"id\":1,\"parts\":1,\"entry\":0,\"offset\":-1,\"written\":0,\"window\":0}",
  "{\"t\":\"have\",\"id\":1,\"parts\":1,\"entry\":0,\"offset\":0,\"written\":-1,\"window\":0}",
  "{\"t\":\"have\",\"id\":1,\"parts\":1,\"entry\":0,\"offset\":0,\"written\":0,"
  "\"window\":16777217}",
  "{\"t\":\"credit\",\"id\":1,\"received\":20,\"written\":10,\"taken\":-1,\"window\":1}",
  "{\"t\":\"credit\",\"id\":1,\"received\":20,\"taken\":10,\"window\":1}",
  "{\"t\":\"hello\",\"v\":1,\"resume\":1}",
  "{\"t\":\"hello\",\"v\":1,\"parcels\":1}",
  "{\"t\":\"checking\",\"id\":1,\"checked\":1}",
  "{\"t\":\"checking\",\"id\":1,\"total\":1}",
  "{\"t\":\"checking\",\"id\":1,\"checked\":31,\"total\":30}",
  "{\"t\":\"checking\",\"id\":1,\"checked\":-1,\"total\":30}",
  "{\"t\":\"checking\",\"id\":1,\"checked\":0,\"total\":9223372036854775808}",
  "{\"t\":\"held\",\"id\":1}",
  "{\"t\":\"held\",\"id\":1,\"entries\":{}}",
  "{\"t\":\"held\",\"id\":1,\"entries\":[0]}",
  "{\"t\":\"held\",\"id\":1,\"entries\":[[]]}",
  "{\"t\":\"held\",\"id\":1,\"entries\":[[-1]]}",
  "{\"t\":\"held\",\"id\":1,\"entries\":[[200000]]}",
  "{\"t\":\"held\",\"id\":1,\"entries\":[[1],[1]]}",
  "{\"t\":\"held\",\"id\":1,\"entries\":[[\"1\"]]}",
  "{\"t\":\"held\",\"id\":1,\"entries\":[[1,9]]}",
  "{\"t\":\"held\",\"id\":1,\"entries\":[[1,9,9]]}",
  "{\"t\":\"held\",\"id\":1,\"entries\":[[1,9,\"00\"]]}",
  "{\"t\":\"held\",\"id\":1,\"entries\":[[1,-9,\"" DIGEST "\"]]}",
  "{\"t\":\"held\",\"id\":1,\"entries\":[[1,1152921504606846977,\"" DIGEST "\"]]}",
  "{\"t\":\"held\",\"id\":1,\"entries\":[[1,9,\"" DIGEST "\",9,\"" DIGEST "\"]]}",
  "{\"t\":\"held\",\"id\":1,\"entries\":[[1,9,\"" DIGEST "\",3]]}",
  "{\"t\":\"held\",\"id\":1,\"entries\":[[1,9,\"" DIGEST "\",8,\"" DIGEST "\",7,\"" DIGEST "\"]]}",
  "{\"t\":\"entry-from\",\"id\":1,\"entry\":7}",
  "{\"t\":\"entry-from\",\"id\":1,\"entry\":7,\"offset\":-1}",
  "{\"t\":\"ping\"}",
  "{\"t\":\"bye\",\"reason\":5}",
};

static gboolean
read_text (const char *text, PstControl *control, GError **error)
{
  g_autoptr (GBytes) payload = g_bytes_new_static (text, strlen (text));

  return pst_control_read (payload, control, error);
}

static void
test_good (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_auto (PstControl) control = { 0 };
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) written = NULL;
      gsize n_bytes;
      const char *text;

      g_assert_true (read_text (good[i], &control, &error));
      g_assert_no_error (error);
      written = pst_control_write (&control);
      text = g_bytes_get_data (written, &n_bytes);
      g_assert_cmpmem (text, n_bytes, good[i], strlen (good[i]));
    }
}

static void
test_bad (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_auto (PstControl) control = { 0 };
      g_autoptr (GError) error = NULL;

      if (read_text (bad[i], &control, &error))
        g_error ("accepted %s", bad[i]);
      g_assert_error (error, PST_ERROR, PST_ERROR_PROTOCOL);
    }
}

static void
test_newer_versions (void)
{
  g_auto (PstControl) unknown = { 0 };
  g_auto (PstControl) cancel = { 0 };

  g_assert_true (read_text ("{\"t\":\"teleport\",\"id\":\"x\"}", &unknown, NULL));
  g_assert_cmpint (unknown.kind, ==, PST_CONTROL_UNKNOWN);
  g_assert_true (
      read_text ("{\"t\":\"cancel\",\"id\":1,\"reason\":\"moon\",\"w\":1}", &cancel, NULL));
  g_assert_cmpint (cancel.reason, ==, PST_ERROR_FAILED);
}

static void
test_long_text (void)
{
  g_autofree char *name = g_strnfill (PST_CONTROL_MAX_NAME_BYTES + 1, 'n');
  g_autofree char *text = g_strdup_printf ("{\"t\":\"hello\",\"v\":1,\"name\":\"%s\"}", name);
  g_auto (PstControl) control = { 0 };

  g_assert_false (read_text (text, &control, NULL));
}

/* The longest list of what is there fits a frame. */
static void
test_most_held (void)
{
  PstControl held = { .kind = PST_CONTROL_HELD, .id = G_MAXUINT32 };
  g_autoptr (GArray) array = g_array_new (FALSE, TRUE, sizeof (PstHeld));
  g_autoptr (GBytes) payload = NULL, again = NULL;
  g_auto (PstControl) read = { 0 };

  for (guint i = 0; i < PST_CONTROL_MAX_HELD; i++)
    {
      PstHeld file = { .entry = PST_MANIFEST_MAX_ENTRIES - PST_CONTROL_MAX_HELD + i,
                       .n_places = 2 };

      file.places[0].offset = PST_MANIFEST_MAX_FILE_BYTES;
      file.places[1].offset = PST_MANIFEST_MAX_FILE_BYTES - 1;
      g_array_append_val (array, file);
    }

  held.held = array;
  payload = pst_control_write (&held);
  g_assert_cmpuint (g_bytes_get_size (payload), <=, PST_FRAME_MAX_PAYLOAD_BYTES);
  g_assert_true (pst_control_read (payload, &read, NULL));
  g_assert_cmpuint (read.held->len, ==, PST_CONTROL_MAX_HELD);
  again = pst_control_write (&read);
  g_assert_true (g_bytes_equal (payload, again));
}

/* What this side writes, the other side reads, however long a path is in it. */
static void
test_long_message (void)
{
  g_autofree char *ascii = g_strnfill (PST_CONTROL_MAX_TEXT_BYTES - 1, 'x');
  g_autofree char *text = g_strconcat (ascii, "\xf0\x9f\x98\x80 and more", NULL);
  PstControl cancel = {
    .kind = PST_CONTROL_CANCEL, .id = 1, .reason = PST_ERROR_FAILED, .text = text
  };
  g_autoptr (GBytes) payload = pst_control_write (&cancel);
  g_auto (PstControl) read = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (pst_control_read (payload, &read, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (read.text, ==, ascii);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/control/good", test_good);
  g_test_add_func ("/control/bad", test_bad);
  g_test_add_func ("/control/newer-versions", test_newer_versions);
  g_test_add_func ("/control/long-text", test_long_text);
  g_test_add_func ("/control/most-held", test_most_held);
  g_test_add_func ("/control/long-message", test_long_message);
  return g_test_run ();
}

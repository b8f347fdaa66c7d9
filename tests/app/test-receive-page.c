/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-camera.h"
#include "pst-qr-frame.h"
#include "pst-receive-page.h"

#include <glib/gstdio.h>
#include <string.h>

#define CODE       "4-adroitness-adrift-adroitness"
#define LINK       "wormhole-transfer:" CODE "?rendezvous=ws%3A%2F%2F192.168.1.20%3A40400"
#define DEADLINE_S 20

static gboolean
on_deadline (gpointer data)
{
  g_error ("%s: not within %d s.", (const char *)data, DEADLINE_S);
  return G_SOURCE_REMOVE;
}

#define WAIT_UNTIL(condition)                                                       \
  G_STMT_START                                                                      \
  {                                                                                 \
    guint deadline = g_timeout_add_seconds (DEADLINE_S, on_deadline,                \
                                            G_STRLOC ": " G_STRINGIFY (condition)); \
                                                                                    \
    while (!(condition))                                                            \
      g_main_context_iteration (NULL, TRUE);                                        \
    g_source_remove (deadline);                                                     \
  }                                                                                 \
  G_STMT_END

/* A source that does what the test says. */
#define TEST_TYPE_SOURCE (test_source_get_type ())
G_DECLARE_FINAL_TYPE (TestSource, test_source, TEST, SOURCE, GObject)

struct _TestSource
{
  GObject parent_instance;

  gboolean running;
};

static void test_source_iface_init (PstFrameSourceInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TestSource,
                               test_source,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (PST_TYPE_FRAME_SOURCE,
                                                      test_source_iface_init))

static void
test_source_start (PstFrameSource *source)
{
  TEST_SOURCE (source)->running = TRUE;
}

static void
test_source_stop (PstFrameSource *source)
{
  TEST_SOURCE (source)->running = FALSE;
}

static void
test_source_iface_init (PstFrameSourceInterface *iface)
{
  iface->start = test_source_start;
  iface->stop = test_source_stop;
}

static void
test_source_class_init (TestSourceClass *klass)
{
}

static void
test_source_init (TestSource *self)
{
}

static void
test_source_fail (TestSource *self, GIOErrorEnum code)
{
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, code, "as planned");

  self->running = FALSE;
  pst_frame_source_emit_failed (PST_FRAME_SOURCE (self), error);
}

/* A page in a window on the screen, and what it said. */
typedef struct
{
  GtkWindow *window;
  PstReceivePage *page;
  PstCodeEntry *entry;
  PstScanView *scan_view;
  TestSource *source;
  char *entered;
  guint n_cancelled;
} Fixture;

static void
on_code_entered (PstReceivePage *page, const char *text, Fixture *fixture)
{
  g_free (fixture->entered);
  fixture->entered = g_strdup (text);
}

static void
on_cancelled (PstReceivePage *page, Fixture *fixture)
{
  fixture->n_cancelled++;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->page = PST_RECEIVE_PAGE (pst_receive_page_new ());
  fixture->entry = pst_receive_page_get_code_entry (fixture->page);
  fixture->scan_view = pst_receive_page_get_scan_view (fixture->page);
  fixture->source = g_object_new (TEST_TYPE_SOURCE, NULL);
  pst_scan_view_set_source (fixture->scan_view, PST_FRAME_SOURCE (fixture->source));
  g_signal_connect (fixture->page, "code-entered", G_CALLBACK (on_code_entered), fixture);
  g_signal_connect (fixture->page, "cancelled", G_CALLBACK (on_cancelled), fixture);

  fixture->window = GTK_WINDOW (gtk_window_new ());
  gtk_window_set_default_size (fixture->window, 360, 480);
  gtk_window_set_child (fixture->window, GTK_WIDGET (fixture->page));
  gtk_window_present (fixture->window);
  WAIT_UNTIL (gtk_widget_get_mapped (GTK_WIDGET (fixture->page)));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  gpointer weak_page = fixture->page;

  g_object_add_weak_pointer (G_OBJECT (fixture->page), &weak_page);
  gtk_window_destroy (fixture->window);
  WAIT_UNTIL (weak_page == NULL);
  g_assert_false (fixture->source->running);
  g_object_unref (fixture->source);
  g_free (fixture->entered);
}

static GtkWidget *
find_child (GtkWidget *parent, const char *name)
{
  if (g_strcmp0 (gtk_buildable_get_buildable_id (GTK_BUILDABLE (parent)), name) == 0)
    return parent;

  for (GtkWidget *child = gtk_widget_get_first_child (parent); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_child (child, name);

      if (found != NULL)
        return found;
    }

  return NULL;
}

static GtkWidget *
get_child (Fixture *fixture, const char *name)
{
  GtkWidget *child = find_child (GTK_WIDGET (fixture->page), name);

  g_assert_nonnull (child);
  return child;
}

static void
click (Fixture *fixture, const char *name)
{
  g_signal_emit_by_name (get_child (fixture, name), "clicked");
}

/* As the keyboard does it: letter by letter. */
static void
type_text (Fixture *fixture, const char *text)
{
  GtkEditable *editable = GTK_EDITABLE (get_child (fixture, "entry"));

  for (; *text != '\0'; text++)
    {
      int position = -1;

      gtk_editable_insert_text (editable, text, 1, &position);
      gtk_editable_set_position (editable, -1);
    }
}

static gboolean
press_key (Fixture *fixture, guint keyval)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (
      get_child (fixture, "entry"));
  gboolean handled = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (controllers) && !handled; i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_EVENT_CONTROLLER_KEY (controller))
        g_signal_emit_by_name (controller, "key-pressed", keyval, 0, 0, &handled);
    }

  return handled;
}

static gboolean
can_receive (Fixture *fixture)
{
  return gtk_widget_get_sensitive (get_child (fixture, "receive"));
}

static void
test_complete (Fixture *fixture, gconstpointer data)
{
  type_text (fixture, "4-ap");
  g_assert_cmpstr (pst_code_entry_get_offers (fixture->entry)[0], ==, "4-apollo");
  g_assert_cmpstr (pst_code_entry_get_offers (fixture->entry)[1], ==, "4-applicant");
  g_assert_null (pst_code_entry_get_offers (fixture->entry)[2]);
  g_assert_false (can_receive (fixture));

  g_assert_true (press_key (fixture, GDK_KEY_Tab));
  g_assert_cmpstr (pst_code_entry_get_text (fixture->entry), ==, "4-apollo-");
  g_assert_null (pst_code_entry_get_offers (fixture->entry)[0]);
  g_assert_true (can_receive (fixture));

  /* Nothing is offered: Tab leaves the entry. */
  g_assert_false (press_key (fixture, GDK_KEY_Tab));

  type_text (fixture, "adri");
  g_assert_true (press_key (fixture, GDK_KEY_Right));
  type_text (fixture, "adr");
  g_assert_true (press_key (fixture, GDK_KEY_Tab));
  g_assert_cmpstr (pst_code_entry_get_text (fixture->entry), ==, "4-apollo-adrift-adroitness");
  g_assert_null (pst_code_entry_get_complaint (fixture->entry));
}

static void
test_choose_offer (Fixture *fixture, gconstpointer data)
{
  g_assert_false (press_key (fixture, GDK_KEY_Down));
  type_text (fixture, "4-ap");
  g_assert_true (press_key (fixture, GDK_KEY_Down));
  g_assert_cmpuint (pst_code_entry_get_chosen (fixture->entry), ==, 1);
  g_assert_true (press_key (fixture, GDK_KEY_Down));
  g_assert_cmpuint (pst_code_entry_get_chosen (fixture->entry), ==, 0);
  g_assert_true (press_key (fixture, GDK_KEY_Up));
  g_assert_cmpuint (pst_code_entry_get_chosen (fixture->entry), ==, 1);

  /* Enter takes what was chosen by key, and receives nothing yet. */
  g_signal_emit_by_name (get_child (fixture, "entry"), "activate");
  g_assert_cmpstr (pst_code_entry_get_text (fixture->entry), ==, "4-applicant-");
  g_assert_null (fixture->entered);
}

static void
test_right_within_text (Fixture *fixture, gconstpointer data)
{
  type_text (fixture, "4-ap");
  gtk_editable_set_position (GTK_EDITABLE (get_child (fixture, "entry")), 2);
  g_assert_false (press_key (fixture, GDK_KEY_Right));
  g_assert_cmpstr (pst_code_entry_get_text (fixture->entry), ==, "4-ap");
}

static void
test_click_offer (Fixture *fixture, gconstpointer data)
{
  GtkFlowBox *chips = GTK_FLOW_BOX (get_child (fixture, "chips"));
  GtkWidget *chip;

  type_text (fixture, "4-ap");
  chip = gtk_flow_box_child_get_child (gtk_flow_box_get_child_at_index (chips, 1));
  g_signal_emit_by_name (chip, "clicked");
  g_assert_cmpstr (pst_code_entry_get_text (fixture->entry), ==, "4-applicant-");
}

static void
test_enter (Fixture *fixture, gconstpointer data)
{
  type_text (fixture, "4-adri");
  g_assert_null (pst_code_entry_get_complaint (fixture->entry));
  g_signal_emit_by_name (get_child (fixture, "entry"), "activate");
  g_assert_null (fixture->entered);
  g_assert_nonnull (pst_code_entry_get_complaint (fixture->entry));

  type_text (fixture, "ft");
  g_assert_null (pst_code_entry_get_complaint (fixture->entry));
  g_assert_true (can_receive (fixture));
  g_signal_emit_by_name (get_child (fixture, "entry"), "activate");
  g_assert_cmpstr (fixture->entered, ==, "4-adrift");
}

static void
test_wrong (Fixture *fixture, gconstpointer data)
{
  type_text (fixture, "hello");
  g_assert_nonnull (pst_code_entry_get_complaint (fixture->entry));
  g_assert_true (gtk_widget_get_visible (get_child (fixture, "complaint_box")));
  g_assert_false (can_receive (fixture));

  pst_receive_page_reset (fixture->page);
  g_assert_cmpstr (pst_code_entry_get_text (fixture->entry), ==, "");
  g_assert_null (pst_code_entry_get_complaint (fixture->entry));
}

static void
test_own_words (Fixture *fixture, gconstpointer data)
{
  type_text (fixture, "4-xyzzy");
  g_assert_nonnull (pst_code_entry_get_complaint (fixture->entry));
  g_assert_true (can_receive (fixture));
  click (fixture, "receive");
  g_assert_cmpstr (fixture->entered, ==, "4-xyzzy");
}

static void
test_set_text (Fixture *fixture, gconstpointer data)
{
  pst_receive_page_set_text (fixture->page, LINK);
  g_assert_null (fixture->entered);
  g_assert_true (can_receive (fixture));
  click (fixture, "receive");
  g_assert_cmpstr (fixture->entered, ==, LINK);

  pst_receive_page_set_text (fixture->page, "wormhole-transfer:4");
  g_assert_nonnull (pst_code_entry_get_complaint (fixture->entry));
  g_assert_false (can_receive (fixture));
}

/* Through the real clipboard; the blanks around it go. */
static void
test_paste (Fixture *fixture, gconstpointer data)
{
  GtkWidget *entry = get_child (fixture, "entry");
  GtkWidget *text = GTK_WIDGET (gtk_editable_get_delegate (GTK_EDITABLE (entry)));

  gdk_clipboard_set_text (gtk_widget_get_clipboard (entry), "  " CODE "\n");
  g_signal_emit_by_name (text, "paste-clipboard");
  WAIT_UNTIL (*pst_code_entry_get_text (fixture->entry) != '\0');
  g_assert_cmpstr (pst_code_entry_get_text (fixture->entry), ==, CODE);
  g_assert_true (can_receive (fixture));
  g_assert_null (fixture->entered);
}

static void
test_offer_clipboard (Fixture *fixture, gconstpointer data)
{
  GtkWidget *button = get_child (fixture, "clipboard");

  g_assert_false (gtk_widget_get_visible (button));
  pst_receive_page_offer_text (fixture->page, "2026-11-25");
  g_assert_false (gtk_widget_get_visible (button));
  pst_receive_page_offer_text (fixture->page, "some words");
  g_assert_false (gtk_widget_get_visible (button));

  pst_receive_page_offer_text (fixture->page, " " LINK "\n");
  g_assert_true (gtk_widget_get_visible (button));
  g_assert_cmpstr (gtk_label_get_label (GTK_LABEL (get_child (fixture, "clipboard_code"))), ==,
                   CODE);
  g_assert_cmpstr (pst_code_entry_get_text (fixture->entry), ==, "");

  click (fixture, "clipboard");
  g_assert_cmpstr (pst_code_entry_get_text (fixture->entry), ==, LINK);
  g_assert_false (gtk_widget_get_visible (button));
  g_assert_null (fixture->entered);

  /* What stands in the entry already is no offer. */
  pst_receive_page_offer_text (fixture->page, LINK);
  g_assert_false (gtk_widget_get_visible (button));
}

/* GTK keeps a reference to a hidden widget that has the focus until the next
 * event, which may never come. */
static void
hide_page (Fixture *fixture)
{
  gtk_window_set_focus (fixture->window, NULL);
  gtk_widget_set_visible (GTK_WIDGET (fixture->page), FALSE);
}

static void
come_back_to_page (Fixture *fixture)
{
  hide_page (fixture);
  gtk_widget_set_visible (GTK_WIDGET (fixture->page), TRUE);
}

/* The clipboard is looked at when the page comes onto the screen, and what does
 * not fit into a link is not even read. */
static void
test_look_at_clipboard (Fixture *fixture, gconstpointer data)
{
  GtkWidget *button = get_child (fixture, "clipboard");
  GdkClipboard *clipboard = gtk_widget_get_clipboard (button);

  WAIT_UNTIL (gtk_window_is_active (fixture->window));

  gdk_clipboard_set_text (clipboard, CODE);
  come_back_to_page (fixture);
  WAIT_UNTIL (gtk_widget_get_visible (button));
  g_assert_cmpstr (pst_code_entry_get_text (fixture->entry), ==, "");

  {
    g_autofree char *words = g_strnfill (100000, ' ');
    g_autofree char *text = g_strconcat (CODE, words, NULL);

    gdk_clipboard_set_text (clipboard, text);
    come_back_to_page (fixture);
    WAIT_UNTIL (!gtk_widget_get_visible (button));
  }
}

static void
test_session_states (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GtkLabel *doing = GTK_LABEL (get_child (fixture, "doing"));

  for (PstSessionState state = PST_SESSION_STARTING; state < PST_SESSION_CLOSED; state++)
    {
      pst_receive_page_show_state (fixture->page, state);
      g_assert_cmpstr (pst_receive_page_get_view (fixture->page), ==, "busy");
      g_hash_table_add (seen, g_strdup (gtk_label_get_label (doing)));
      g_assert_cmpint (gtk_widget_get_visible (get_child (fixture, "stop")), ==,
                       state < PST_SESSION_CONNECTED);
    }
  g_assert_cmpuint (g_hash_table_size (seen), ==, 6);

  pst_receive_page_show_state (fixture->page, PST_SESSION_CONNECTING);
  click (fixture, "stop");
  g_assert_cmpuint (fixture->n_cancelled, ==, 1);

  pst_receive_page_show_state (fixture->page, PST_SESSION_CLOSED);
  g_assert_cmpstr (pst_receive_page_get_view (fixture->page), ==, "entry");
}

static void
give_frame (Fixture *fixture, const char *text)
{
  g_auto (PstFrame) frame = { 0 };

  pst_qr_frame_init (&frame, 640, 480, 200);
  if (text != NULL)
    pst_qr_frame_draw (&frame, text, 6, 100, 60, 0);
  pst_frame_source_emit_frame (PST_FRAME_SOURCE (fixture->source), &frame);
}

static void
test_scan (Fixture *fixture, gconstpointer data)
{
  click (fixture, "scan");
  g_assert_cmpstr (pst_receive_page_get_view (fixture->page), ==, "scan");
  g_assert_cmpint (pst_scan_view_get_state (fixture->scan_view), ==, PST_SCAN_STARTING);
  g_assert_true (fixture->source->running);

  give_frame (fixture, LINK);
  g_assert_cmpint (pst_scan_view_get_state (fixture->scan_view), ==, PST_SCAN_SCANNING);
  g_assert_nonnull (gtk_picture_get_paintable (GTK_PICTURE (get_child (fixture, "picture"))));
  WAIT_UNTIL (fixture->entered != NULL);
  g_assert_cmpstr (fixture->entered, ==, LINK);
  g_assert_false (fixture->source->running);
  g_assert_cmpstr (pst_receive_page_get_view (fixture->page), ==, "entry");
}

/* Pictures in which there is something to say: @data. */
static void
test_scan_foreign (Fixture *fixture, gconstpointer data)
{
  const char *first;

  click (fixture, "scan");
  give_frame (fixture, NULL);
  first = g_intern_string (pst_scan_view_get_sentence (fixture->scan_view));
  g_assert_cmpstr (first, !=, "");

  /* Every other look is for light codes. */
  while (g_str_equal (pst_scan_view_get_sentence (fixture->scan_view), first))
    {
      give_frame (fixture, "https://example.org");
      g_main_context_iteration (NULL, FALSE);
    }
  g_assert_nonnull (strstr (pst_scan_view_get_sentence (fixture->scan_view), "not from Penstock"));
  g_assert_true (fixture->source->running);
  g_assert_null (fixture->entered);
}

static void
test_scan_cancel (Fixture *fixture, gconstpointer data)
{
  click (fixture, "scan");
  give_frame (fixture, NULL);
  g_signal_emit_by_name (find_child (GTK_WIDGET (fixture->scan_view), "cancel"), "clicked");
  g_assert_false (fixture->source->running);
  g_assert_cmpstr (pst_receive_page_get_view (fixture->page), ==, "entry");
  g_assert_cmpuint (fixture->n_cancelled, ==, 0);

  /* Escape goes the same way. */
  click (fixture, "scan");
  gtk_widget_activate_action (GTK_WIDGET (fixture->page), "receive.back", NULL);
  g_assert_false (fixture->source->running);
  g_assert_cmpstr (pst_receive_page_get_view (fixture->page), ==, "entry");
}

static void
test_scan_unmapped (Fixture *fixture, gconstpointer data)
{
  click (fixture, "scan");
  give_frame (fixture, NULL);
  g_assert_true (fixture->source->running);

  hide_page (fixture);
  g_assert_false (fixture->source->running);
  g_assert_cmpint (pst_scan_view_get_state (fixture->scan_view), ==, PST_SCAN_IDLE);
}

static void
check_failure (Fixture *fixture, GIOErrorEnum code, gboolean with_frame, PstScanState expected)
{
  pst_scan_view_start (fixture->scan_view);
  if (with_frame)
    give_frame (fixture, NULL);
  test_source_fail (fixture->source, code);
  g_assert_cmpint (pst_scan_view_get_state (fixture->scan_view), ==, expected);
  g_assert_cmpstr (pst_scan_view_get_sentence (fixture->scan_view), !=, "");
  g_assert_true (gtk_widget_get_child_visible (get_child (fixture, "choose")));

  click (fixture, "retry");
  g_assert_cmpint (pst_scan_view_get_state (fixture->scan_view), ==, PST_SCAN_STARTING);
  g_assert_true (fixture->source->running);
  pst_scan_view_stop (fixture->scan_view);
}

static void
test_scan_failures (Fixture *fixture, gconstpointer data)
{
  click (fixture, "scan");
  check_failure (fixture, G_IO_ERROR_NOT_FOUND, FALSE, PST_SCAN_NO_CAMERA);
  check_failure (fixture, G_IO_ERROR_PERMISSION_DENIED, FALSE, PST_SCAN_NOT_ALLOWED);
  check_failure (fixture, G_IO_ERROR_BUSY, FALSE, PST_SCAN_FAILED);
  check_failure (fixture, G_IO_ERROR_FAILED, TRUE, PST_SCAN_FAILED);
}

static void
scan_file (Fixture *fixture, const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);

  pst_scan_view_scan_image (fixture->scan_view, file);
  g_assert_cmpint (pst_scan_view_get_state (fixture->scan_view), ==, PST_SCAN_READING_IMAGE);
  WAIT_UNTIL (pst_scan_view_get_state (fixture->scan_view) != PST_SCAN_READING_IMAGE);
}

static void
test_scan_image (Fixture *fixture, gconstpointer data)
{
  g_autofree char *folder = g_dir_make_tmp ("pst-image-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "code.png", NULL);
  g_auto (PstFrame) blank = { 0 };
  g_auto (PstFrame) drawn = { 0 };

  click (fixture, "scan");

  scan_file (fixture, path);
  g_assert_cmpint (pst_scan_view_get_state (fixture->scan_view), ==, PST_SCAN_IMAGE_FAILED);
  g_assert_nonnull (strstr (pst_scan_view_get_sentence (fixture->scan_view), "cannot be opened"));

  g_file_set_contents (path, "no picture", -1, NULL);
  scan_file (fixture, path);
  g_assert_nonnull (strstr (pst_scan_view_get_sentence (fixture->scan_view), "not an image"));

  pst_qr_frame_init (&blank, 400, 400, 255);
  pst_qr_frame_save (&blank, path);
  scan_file (fixture, path);
  g_assert_nonnull (strstr (pst_scan_view_get_sentence (fixture->scan_view), "no QR code"));
  g_assert_null (fixture->entered);

  pst_qr_frame_init (&drawn, 400, 400, 255);
  pst_qr_frame_draw (&drawn, CODE, 6, 60, 60, 10);
  pst_qr_frame_save (&drawn, path);
  scan_file (fixture, path);
  g_assert_cmpstr (fixture->entered, ==, CODE);
  g_assert_false (fixture->source->running);

  g_unlink (path);
  g_rmdir (folder);
}

#define ADD(name, func) g_test_add ("/receive-page/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD ("complete", test_complete);
  ADD ("choose-offer", test_choose_offer);
  ADD ("right-within-text", test_right_within_text);
  ADD ("click-offer", test_click_offer);
  ADD ("enter", test_enter);
  ADD ("wrong", test_wrong);
  ADD ("own-words", test_own_words);
  ADD ("set-text", test_set_text);
  ADD ("paste", test_paste);
  ADD ("offer-clipboard", test_offer_clipboard);
  ADD ("look-at-clipboard", test_look_at_clipboard);
  ADD ("session-states", test_session_states);
  ADD ("scan", test_scan);
  ADD ("scan-foreign", test_scan_foreign);
  ADD ("scan-cancel", test_scan_cancel);
  ADD ("scan-unmapped", test_scan_unmapped);
  ADD ("scan-failures", test_scan_failures);
  ADD ("scan-image", test_scan_image);
  return g_test_run ();
}

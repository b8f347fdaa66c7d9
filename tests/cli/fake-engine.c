/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fake-engine.h"

#include <signal.h>
#include <unistd.h>

#include "pst-code.h"
#include "pst-devices.h"
#include "pst-error.h"
#include "pst-leftover.h"
#include "pst-invite.h"

FakePlan fake_plan;
FakeRecord fake_record;

void
fake_engine_reset (void)
{
  g_free (fake_record.hosted_code);
  g_free (fake_record.joined);
  g_free (fake_record.remembered_as);
  g_free (fake_record.sent_first);
  g_free (fake_record.destination);
  g_free (fake_record.selection);
  fake_record = (FakeRecord){ 0 };
  fake_plan = (FakePlan){ .end = PST_TRANSFER_DONE };
}

/* The pure rooms. */

static const PstEntry entries[] = {
  { PST_ENTRY_FOLDER, "d", NULL, 0 },
  { PST_ENTRY_FILE, "d/.one", NULL, 1 },
  { PST_ENTRY_FILE, "two", NULL, 2 },
};

guint
pst_manifest_get_n_entries (PstManifest *self)
{
  return G_N_ELEMENTS (entries);
}

const PstEntry *
pst_manifest_get_entry (PstManifest *self, guint index)
{
  return &entries[index];
}

guint64
pst_manifest_get_total_bytes (PstManifest *self)
{
  return 3;
}

guint
pst_manifest_get_n_files (PstManifest *self)
{
  return 2;
}

char *
pst_code_parse (const char *text, GError **error)
{
  if (g_ascii_isdigit (*text))
    return g_strdup (text);

  g_set_error_literal (error, PST_ERROR, PST_ERROR_BAD_CODE, "That is not a code.");
  return NULL;
}

gboolean
pst_invite_parse (const char *text, char **code, char **rendezvous_url, GError **error)
{
  *code = pst_code_parse (text, error);
  return *code != NULL;
}

char *
pst_invite_to_terminal_qr (const char *uri, GError **error)
{
  return g_strdup ("##\n");
}

/* The transfer. */

struct _PstTransfer
{
  GObject parent_instance;

  PstSession *session;
  gboolean incoming;
  PstTransferState state;
};

G_DEFINE_FINAL_TYPE (PstTransfer, pst_transfer, G_TYPE_OBJECT)

struct _PstSession
{
  GObject parent_instance;

  gboolean hosts;
  PstSessionState state;
  gboolean wants_verifier;
  const char *verifier;
  PstRemember remember;
  GPtrArray *transfers;
};

G_DEFINE_FINAL_TYPE (PstSession, pst_session, G_TYPE_OBJECT)

enum
{
  PROP_STATE = 1,
  PROP_VERIFIER,
  PROP_REMEMBER,
  PROP_FIGURE
};

enum
{
  SIGNAL_TRANSFER_ADDED,
  SIGNAL_CLOSED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
get_transfer_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_int (value, PST_TRANSFER (object)->state);
}

static void
pst_transfer_class_init (PstTransferClass *klass)
{
  G_OBJECT_CLASS (klass)->get_property = get_transfer_property;
  g_object_class_install_property (
      G_OBJECT_CLASS (klass), PROP_STATE,
      g_param_spec_int ("state", NULL, NULL, 0, PST_TRANSFER_FAILED, 0, G_PARAM_READABLE));
}

static void
pst_transfer_init (PstTransfer *self)
{
}

gboolean
pst_transfer_is_incoming (PstTransfer *self)
{
  return self->incoming;
}

guint32
pst_transfer_get_id (PstTransfer *self)
{
  return self->incoming ? 1 : 2;
}

const char *
pst_transfer_get_title (PstTransfer *self)
{
  return "2 items";
}

PstManifest *
pst_transfer_get_manifest (PstTransfer *self)
{
  return (PstManifest *) entries;
}

PstTransferState
pst_transfer_get_state (PstTransfer *self)
{
  return self->state;
}

const GError *
pst_transfer_get_error (PstTransfer *self)
{
  return fake_plan.transfer_error;
}

gboolean
pst_transfer_is_finished (PstTransfer *self)
{
  return self->state >= PST_TRANSFER_DONE;
}

const char *
pst_transfer_state_to_name (PstTransferState state)
{
  return "fake";
}

GStrv
pst_transfer_get_left_out (PstTransfer *self)
{
  return NULL;
}

GStrv
pst_transfer_get_result_paths (PstTransfer *self)
{
  return NULL;
}

#define FIGURE(type, name, value)                  \
  type pst_transfer_get_##name (PstTransfer *self) \
  {                                                \
    return value;                                  \
  }

FIGURE (guint64, sent_bytes, 3)
FIGURE (guint64, written_bytes, 3)
FIGURE (guint64, total_bytes, 3)
FIGURE (guint64, kept_bytes, 0)
FIGURE (guint, again_files, 0)
FIGURE (guint64, rate_bps, 1)
FIGURE (guint64, mean_rate_bps, 1)
FIGURE (gint64, time_left_us, -1)
FIGURE (guint, done_files, 2)
FIGURE (guint, total_files, 2)
FIGURE (guint64, missing_bytes, 0)

static void
set_transfer_state (PstTransfer *self, PstTransferState state)
{
  if (pst_transfer_is_finished (self))
    return;

  self->state = state;
  g_object_notify (G_OBJECT (self), "state");
}

/* Whatever happens happens later, as in the real engine. */
static void
later (GSourceFunc function, gpointer object)
{
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, function, g_object_ref (object), g_object_unref);
}

static void
close_session (PstSession *self, const GError *error)
{
  if (self->state == PST_SESSION_CLOSED)
    return;

  self->state = PST_SESSION_CLOSED;
  g_object_notify (G_OBJECT (self), "state");
  g_signal_emit (self, signals[SIGNAL_CLOSED], 0, error);
}

static gboolean
leave (gpointer user_data)
{
  close_session (user_data, NULL);
  return G_SOURCE_REMOVE;
}

/* One at a time: two signals of one kind that are pending are one. */
static void
interrupt (void)
{
  if (fake_plan.interrupts == 0)
    return;

  fake_plan.interrupts--;
  kill (getpid (), SIGINT);
}

static void
set_session_state (PstSession *self, PstSessionState state)
{
  self->state = state;
  g_object_notify (G_OBJECT (self), "state");
}

static gboolean
link_again (gpointer user_data)
{
  set_session_state (user_data, PST_SESSION_CONNECTED);
  return G_SOURCE_REMOVE;
}

static gboolean
advance_transfer (gpointer user_data)
{
  PstTransfer *self = user_data;

  switch (self->state)
    {
    case PST_TRANSFER_PREPARING:
      set_transfer_state (self, PST_TRANSFER_OFFERED);
      return G_SOURCE_CONTINUE;
    case PST_TRANSFER_OFFERED:
      set_transfer_state (self, PST_TRANSFER_RUNNING);
      return G_SOURCE_CONTINUE;
    case PST_TRANSFER_RUNNING:
      set_transfer_state (self, PST_TRANSFER_VERIFYING);
      return G_SOURCE_CONTINUE;
    case PST_TRANSFER_VERIFYING:
      if (fake_plan.end == PST_TRANSFER_VERIFYING)
        interrupt ();
      if (fake_plan.loses_link)
        {
          set_session_state (self->session, PST_SESSION_RECONNECTING);
          later (link_again, self->session);
        }
      set_transfer_state (self, fake_plan.end);
      break;
    default:
      break;
    }

  if (self->incoming && !fake_plan.stays)
    later (leave, self->session);
  return G_SOURCE_REMOVE;
}

gboolean
pst_transfer_accept (PstTransfer *self,
                     const char *destination,
                     const guint8 *selection,
                     GError **error)
{
  if (fake_plan.accept_error != NULL)
    {
      g_propagate_error (error, g_error_copy (fake_plan.accept_error));
      return FALSE;
    }

  fake_record.destination = g_strdup (destination);
  if (selection != NULL)
    fake_record.selection = g_strdup_printf ("%d%d%d", selection[0], selection[1], selection[2]);
  later (advance_transfer, self);
  return TRUE;
}

void
pst_transfer_decline (PstTransfer *self)
{
  fake_record.n_declined++;
  set_transfer_state (self, PST_TRANSFER_DECLINED);
  if (self->session->hosts == FALSE)
    later (leave, self->session);
}

void
pst_transfer_cancel (PstTransfer *self)
{
  if (pst_transfer_is_finished (self))
    return;

  fake_record.n_cancelled++;
  set_transfer_state (self, PST_TRANSFER_CANCELLED_BY_ME);
}

void
pst_transfer_leave (PstTransfer *self)
{
  if (pst_transfer_is_finished (self))
    return;

  fake_record.n_left++;
  set_transfer_state (self, PST_TRANSFER_FAILED);
}

guint64
pst_transfer_get_checked_bytes (PstTransfer *self)
{
  return 0;
}

guint64
pst_transfer_get_to_check_bytes (PstTransfer *self)
{
  return 0;
}

PstJournalTrouble
pst_transfer_get_journal_trouble (PstTransfer *self)
{
  return self->incoming && self->state != PST_TRANSFER_OFFERED ? fake_plan.trouble
                                                               : PST_JOURNAL_TROUBLE_NONE;
}

gboolean
pst_transfer_is_kept (PstTransfer *self)
{
  return FALSE;
}

guint64
pst_transfer_get_there_bytes (PstTransfer *self, const char *destination)
{
  return 0;
}

char *
pst_leftover_dup_folder (void)
{
  return g_strdup ("/no/such/folder");
}

/* The session. */

static PstTransfer *
add_transfer (PstSession *self, gboolean incoming)
{
  PstTransfer *transfer = g_object_new (PST_TYPE_TRANSFER, NULL);

  transfer->session = self;
  transfer->incoming = incoming;
  transfer->state = incoming ? PST_TRANSFER_OFFERED : PST_TRANSFER_PREPARING;
  g_ptr_array_add (self->transfers, transfer);
  g_signal_emit (self, signals[SIGNAL_TRANSFER_ADDED], 0, transfer);
  return transfer;
}

static gboolean
make_verifier (gpointer user_data)
{
  PstSession *self = user_data;

  if (!self->wants_verifier)
    return G_SOURCE_REMOVE;

  self->verifier = "a b c d e f";
  g_object_notify (G_OBJECT (self), "verifier");
  return G_SOURCE_REMOVE;
}

static void
set_remember (PstSession *self, PstRemember remember)
{
  self->remember = remember;
  g_object_notify (G_OBJECT (self), "remember");
}

static void
on_connected (PstSession *self)
{
  if (fake_plan.their_wish != PST_REMEMBER_NONE && self->remember == PST_REMEMBER_NONE)
    set_remember (self, fake_plan.their_wish);
  if (fake_plan.late_verifier)
    later (make_verifier, self);
  if (fake_plan.closes_after_connect)
    later (leave, self);
  else if (!self->hosts)
    {
      PstTransfer *transfer = add_transfer (self, TRUE);

      if (!fake_plan.withdraws)
        return;
      set_transfer_state (transfer, PST_TRANSFER_CANCELLED_BY_THEM);
      later (leave, self);
    }
  else if (fake_plan.offers_back)
    add_transfer (self, TRUE);
}

static gboolean
advance_session (gpointer user_data)
{
  PstSession *self = user_data;

  if (self->state >= PST_SESSION_CONNECTED)
    return G_SOURCE_REMOVE;

  if (self->state == PST_SESSION_WAITING && fake_plan.nobody_comes)
    {
      interrupt ();
      return G_SOURCE_REMOVE;
    }

  if (self->state == PST_SESSION_PAIRING && fake_plan.closes_with != NULL)
    {
      close_session (self, fake_plan.closes_with);
      return G_SOURCE_REMOVE;
    }

  if (self->state == PST_SESSION_CONNECTING && !fake_plan.late_verifier)
    make_verifier (self);
  set_session_state (self, self->state + 1);
  if (self->state == PST_SESSION_CONNECTED)
    on_connected (self);
  return G_SOURCE_CONTINUE;
}

static void
get_session_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_STATE)
    g_value_set_int (value, PST_SESSION (object)->state);
  else if (id == PROP_VERIFIER)
    g_value_set_string (value, PST_SESSION (object)->verifier);
  else if (id == PROP_REMEMBER)
    g_value_set_int (value, PST_SESSION (object)->remember);
}

static void
pst_session_finalize (GObject *object)
{
  g_ptr_array_unref (PST_SESSION (object)->transfers);
  G_OBJECT_CLASS (pst_session_parent_class)->finalize (object);
}

static void
pst_session_class_init (PstSessionClass *klass)
{
  static const char *const figures[] = { "buffered-bytes", "high-mark-bytes", "low-mark-bytes",
                                         "buffer-growth-bps", "round-trip-us" };
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  guint id = PROP_FIGURE;

  object_class->get_property = get_session_property;
  object_class->finalize = pst_session_finalize;
  g_object_class_install_property (
      object_class, PROP_STATE,
      g_param_spec_int ("state", NULL, NULL, 0, PST_SESSION_CLOSED, 0, G_PARAM_READABLE));
  g_object_class_install_property (
      object_class, PROP_VERIFIER,
      g_param_spec_string ("verifier", NULL, NULL, NULL, G_PARAM_READABLE));
  g_object_class_install_property (
      object_class, PROP_REMEMBER,
      g_param_spec_int ("remember", NULL, NULL, 0, PST_REMEMBER_AGREED, 0, G_PARAM_READABLE));
  for (guint i = 0; i < G_N_ELEMENTS (figures); i++)
    g_object_class_install_property (
        object_class, id++,
        g_param_spec_uint64 (figures[i], NULL, NULL, 0, G_MAXUINT64, 0, G_PARAM_READABLE));
  g_object_class_install_property (
      object_class, id++, g_param_spec_int ("route", NULL, NULL, 0, 3, 0, G_PARAM_READABLE));
  g_object_class_install_property (
      object_class, id++,
      g_param_spec_boolean ("buffer-full", NULL, NULL, FALSE, G_PARAM_READABLE));
  g_object_class_install_property (
      object_class, id++, g_param_spec_boolean ("congested", NULL, NULL, FALSE, G_PARAM_READABLE));
  signals[SIGNAL_TRANSFER_ADDED] = g_signal_new ("transfer-added", G_TYPE_FROM_CLASS (klass),
                                                 G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                                 G_TYPE_NONE, 1, PST_TYPE_TRANSFER);
  signals[SIGNAL_CLOSED] = g_signal_new ("closed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
pst_session_init (PstSession *self)
{
  self->transfers = g_ptr_array_new_with_free_func (g_object_unref);
}

PstSession *
pst_session_new (const PstSessionOptions *options)
{
  return g_object_new (PST_TYPE_SESSION, NULL);
}

void
pst_session_host (PstSession *self, const char *code)
{
  self->hosts = TRUE;
  fake_record.hosted_code = g_strdup (code);
  later (advance_session, self);
}

void
pst_session_join (PstSession *self, const char *code_or_link)
{
  fake_record.joined = g_strdup (code_or_link);
  later (advance_session, self);
}

void
pst_session_meet (PstSession *self, GBytes *device_secret, gboolean host)
{
  self->hosts = host;
  fake_record.meets = TRUE;
  later (advance_session, self);
}

void
pst_session_remember (PstSession *self, gboolean wanted)
{
  fake_record.n_wishes++;
  if (fake_plan.their_wish == PST_REMEMBER_THEIR_WISH)
    set_remember (self, PST_REMEMBER_AGREED);
  else
    set_remember (self, PST_REMEMBER_MY_WISH);
  if (fake_plan.their_wish == PST_REMEMBER_DECLINED)
    set_remember (self, PST_REMEMBER_DECLINED);
}

PstRemember
pst_session_get_remember (PstSession *self)
{
  return self->remember;
}

GBytes *
pst_session_dup_device_secret (PstSession *self)
{
  guint8 secret[PST_DEVICE_SECRET_BYTES] = { 0 };

  return self->remember == PST_REMEMBER_AGREED ? g_bytes_new (secret, sizeof secret) : NULL;
}

/* What is kept: "ann", and "trusted", whose offers are accepted. */

PstDevice *
pst_devices_find (const char *name, GCancellable *cancellable, GError **error)
{
  guint8 bytes[PST_DEVICE_SECRET_BYTES] = { 0 };
  g_autoptr (GBytes) secret = g_bytes_new (bytes, sizeof bytes);
  PstDevice *device;

  if (!g_str_equal (name, "ann") && !g_str_equal (name, "trusted"))
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_USAGE, "There is no such device.");
      return NULL;
    }

  device = pst_device_new (name, secret, 0);
  device->accepts = g_str_equal (name, "trusted");
  return device;
}

char *
pst_devices_add (const char *wish, GBytes *secret, GCancellable *cancellable, GError **error)
{
  if (fake_plan.no_vault)
    {
      g_set_error_literal (error, PST_ERROR, PST_ERROR_FAILED, "The keyring is locked.");
      return NULL;
    }

  fake_record.remembered_as = g_strdup (wish);
  return g_strdup (wish);
}

PstTransfer *
pst_session_send (PstSession *self, const char *const *paths)
{
  PstTransfer *transfer = add_transfer (self, FALSE);

  fake_record.sent_first = g_strdup (paths[0]);
  later (advance_transfer, transfer);
  return transfer;
}

PstSessionState
pst_session_get_state (PstSession *self)
{
  return self->state;
}

const char *
pst_session_get_code (PstSession *self)
{
  return "7-a-b";
}

const char *
pst_session_get_invite_uri (PstSession *self)
{
  return "wormhole-transfer:7-a-b";
}

const char *
pst_session_get_peer_name (PstSession *self)
{
  return "Ann";
}

void
pst_session_want_verifier (PstSession *self)
{
  self->wants_verifier = TRUE;
}

const char *
pst_session_get_verifier (PstSession *self)
{
  return self->verifier;
}

void
pst_session_reject (PstSession *self)
{
  fake_record.rejected = TRUE;
  for (guint i = 0; i < self->transfers->len; i++)
    pst_transfer_cancel (self->transfers->pdata[i]);
  later (leave, self);
}

void
pst_session_close_async (PstSession *self, GAsyncReadyCallback callback, gpointer user_data)
{
  fake_record.closed = TRUE;
  if (self->state == PST_SESSION_CLOSED)
    return;

  for (guint i = 0; i < self->transfers->len; i++)
    pst_transfer_cancel (self->transfers->pdata[i]);
  set_session_state (self, PST_SESSION_CLOSING);
  if (!fake_plan.hangs)
    later (leave, self);
  else
    interrupt ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-wormhole.h"

#include <sodium.h>

#include "pst-code.h"
#include "pst-error.h"
#include "pst-json.h"
#include "pst-line.h"
#include "pst-mailbox.h"
#include "pst-phase.h"
#include "pst-spake2.h"

/* The bytes of a side: enough that two never meet, as in stock clients. */
#define SIDE_BYTES 5

/* How far ahead of the one expected a numeric phase is kept. */
#define MAX_AHEAD 64

/* Servers are hardly ever more than a second away; ten are patience for a bad
 * network. The ping keeps the embedded server's idle time of 11 minutes away.
 * A minute's loss is a restart of the server or a change of network. Once paired, a
 * person may be waiting for the mailbox, so no pause is long. What closing
 * says arrives whether the answer is waited for or not, and the server may have been
 * the other person's, gone with them: the program ends within two seconds, of which
 * the session takes one for its goodbye. */
const PstWormholeTiming pst_wormhole_default_timing = {
  .answer_ms = 10 * 1000,
  .retry_first_ms = 1000,
  .retry_max_ms = 10 * 1000,
  .retry_total_ms = 60 * 1000,
  .ping_ms = 60 * 1000,
  .close_ms = 750,
};

#define TO(state) (1u << (state))

static const guint transitions[] = {
  [PST_WORMHOLE_NEW] = TO (PST_WORMHOLE_CONNECTING) | TO (PST_WORMHOLE_CLOSED),
  [PST_WORMHOLE_CONNECTING] = TO (PST_WORMHOLE_WAITING) | TO (PST_WORMHOLE_CLOSED),
  [PST_WORMHOLE_WAITING] = TO (PST_WORMHOLE_PAIRING) | TO (PST_WORMHOLE_CLOSED),
  [PST_WORMHOLE_PAIRING] = TO (PST_WORMHOLE_PAIRED) | TO (PST_WORMHOLE_CLOSED),
  [PST_WORMHOLE_PAIRED] = TO (PST_WORMHOLE_CLOSED),
  [PST_WORMHOLE_CLOSED] = 0,
};

struct _PstWormhole
{
  GObject parent_instance;

  char *appid;
  char *side;
  PstLine *line;
  PstWormholeState state;
  gboolean hosting;
  char *code;
  guint n_words;
  JsonObject *app_version;

  PstSpake2 *agreement; /* until it finished */
  guint8 key[PST_KEY_BYTES];
  gboolean has_key;
  char *peer_side;
  GBytes *peer_version; /* sealed, until it is opened */
  GHashTable *ahead;    /* sealed numeric phases not delivered yet */
  guint next_incoming;
  guint next_outgoing;
  GPtrArray *unsent; /* until paired */

  gboolean line_closed;
  GError *error;
  GPtrArray *close_tasks;
};

G_DEFINE_FINAL_TYPE (PstWormhole, pst_wormhole, G_TYPE_OBJECT)

enum
{
  PROP_STATE = 1,
  N_PROPS
};

enum
{
  SIGNAL_CODE,
  SIGNAL_PAIRED,
  SIGNAL_MESSAGE,
  SIGNAL_FAILED,
  N_SIGNALS
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

/* Handlers of the notification may close us. */
static void
set_state (PstWormhole *self, PstWormholeState state)
{
  g_assert (transitions[self->state] & TO (state));
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
}

static void
on_line_closed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PstWormhole) self = PST_WORMHOLE (user_data);
  g_autoptr (GPtrArray) tasks = g_steal_pointer (&self->close_tasks);
  g_autoptr (GError) error = g_steal_pointer (&self->error);

  pst_line_close_finish (PST_LINE (source), result, NULL);
  self->line_closed = TRUE;
  if (error != NULL)
    g_signal_emit (self, signals[SIGNAL_FAILED], 0, error);
  for (guint i = 0; tasks != NULL && i < tasks->len; i++)
    g_task_return_boolean (g_ptr_array_index (tasks, i), TRUE);
}

static void
close_line (PstWormhole *self, PstMood mood)
{
  set_state (self, PST_WORMHOLE_CLOSED);
  g_clear_pointer (&self->agreement, pst_spake2_free);
  pst_line_close_async (self->line, mood, on_line_closed, g_object_ref (self));
}

/* A guess that failed looks like a typing mistake: both are told as such. */
static PstMood
get_mood (const GError *error)
{
  return g_error_matches (error, PST_ERROR, PST_ERROR_WRONG_CODE)
                 || g_error_matches (error, PST_ERROR, PST_ERROR_TAMPERED)
             ? PST_MOOD_SCARY
             : PST_MOOD_ERRORY;
}

static void
fail (PstWormhole *self, GError *error)
{
  if (self->state == PST_WORMHOLE_CLOSED)
    {
      g_error_free (error);
      return;
    }

  self->error = error;
  close_line (self, get_mood (error));
}

static void
send_sealed (PstWormhole *self, const char *phase, JsonObject *content)
{
  char *text = pst_json_print (content);
  g_autoptr (GBytes) plaintext = g_bytes_new_take (text, strlen (text));
  g_autoptr (GBytes) body = pst_phase_seal (self->key, self->side, phase, plaintext);

  pst_line_add (self->line, phase, body);
}

static void
send_version (PstWormhole *self)
{
  g_autoptr (JsonObject) content = json_object_new ();
  JsonObject *versions = json_object_new ();

  if (self->app_version != NULL)
    json_object_set_object_member (versions, "penstock", json_object_ref (self->app_version));
  json_object_set_array_member (content, "abilities", json_array_new ());
  json_object_set_object_member (content, "app_versions", versions);
  send_sealed (self, "version", content);
}

static void
send_message (PstWormhole *self, JsonObject *message)
{
  g_autoptr (JsonObject) content = json_object_new ();
  g_autofree char *phase = g_strdup_printf ("%u", self->next_outgoing++);

  json_object_set_object_member (content, "penstock", json_object_ref (message));
  json_object_set_int_member (content, "taken", self->next_incoming);
  send_sealed (self, phase, content);
}

static void
send_pake (PstWormhole *self)
{
  g_autoptr (GBytes) message = pst_spake2_get_message (self->agreement);
  g_autofree char *hex = pst_mailbox_encode_body (message);
  g_autoptr (JsonObject) content = json_object_new ();
  g_autoptr (GBytes) body = NULL;
  char *text;

  json_object_set_string_member (content, "pake_v1", hex);
  text = pst_json_print (content);
  body = g_bytes_new_take (text, strlen (text));
  pst_line_add (self->line, "pake", body);
}

static JsonObject *
parse_content (GBytes *plaintext, GError **error)
{
  gsize size;
  const char *text = g_bytes_get_data (plaintext, &size);

  return pst_json_parse (text, size, PST_MAILBOX_MAX_BODY_BYTES, error);
}

static GBytes *
parse_pake (GBytes *body, GError **error)
{
  g_autoptr (JsonObject) content = parse_content (body, error);
  const char *hex;

  if (content == NULL
      || !pst_json_get_string (content, "pake_v1", PST_MAILBOX_MAX_BODY_BYTES, &hex, error))
    return NULL;

  return pst_mailbox_decode_body (hex, error);
}

/* How many of our messages the other side has: those need not be kept. */
static gboolean
note_taken (PstWormhole *self, JsonObject *content, GError **error)
{
  guint64 taken;

  if (!json_object_has_member (content, "taken"))
    return TRUE;
  if (!pst_json_get_uint (content, "taken", self->next_outgoing, &taken, error))
    return FALSE;

  pst_line_forget_numeric (self->line, taken);
  return TRUE;
}

/* Handlers may close us. */
static gboolean
deliver (PstWormhole *self, const char *phase, GBytes *body, GError **error)
{
  g_autoptr (GBytes) plaintext = pst_phase_open (self->key, self->peer_side, phase, body, error);
  g_autoptr (JsonObject) content = NULL;
  JsonObject *message;

  if (plaintext == NULL || (content = parse_content (plaintext, error)) == NULL)
    return FALSE;

  /* Stock clients say other things, which are none of ours. */
  if (!json_object_has_member (content, "penstock"))
    return TRUE;
  message = pst_json_get_object (content, "penstock", error);
  if (message == NULL || !note_taken (self, content, error))
    return FALSE;

  g_signal_emit (self, signals[SIGNAL_MESSAGE], 0, message);
  return TRUE;
}

static void
deliver_ahead (PstWormhole *self)
{
  while (self->state == PST_WORMHOLE_PAIRED)
    {
      g_autofree char *phase = g_strdup_printf ("%u", self->next_incoming);
      gpointer key = GUINT_TO_POINTER (self->next_incoming);
      g_autoptr (GBytes) body = NULL;
      GError *error = NULL;

      if (!g_hash_table_steal_extended (self->ahead, key, NULL, (gpointer *) &body))
        return;
      self->next_incoming++;
      if (!deliver (self, phase, body, &error))
        fail (self, error);
    }
}

static gboolean
find_app_version (GBytes *plaintext, JsonObject **version, GError **error)
{
  g_autoptr (JsonObject) content = parse_content (plaintext, error);
  JsonObject *versions, *ours;

  *version = NULL;
  if (content == NULL)
    return FALSE;
  if (!json_object_has_member (content, "app_versions"))
    return TRUE;
  versions = pst_json_get_object (content, "app_versions", error);
  if (versions == NULL)
    return FALSE;
  if (!json_object_has_member (versions, "penstock"))
    return TRUE;
  ours = pst_json_get_object (versions, "penstock", error);
  if (ours == NULL)
    return FALSE;

  *version = json_object_ref (ours);
  return TRUE;
}

static void
on_paired (PstWormhole *self, JsonObject *version)
{
  pst_line_persist (self->line);
  for (guint i = 0; i < self->unsent->len; i++)
    send_message (self, g_ptr_array_index (self->unsent, i));
  g_ptr_array_set_size (self->unsent, 0);
  set_state (self, PST_WORMHOLE_PAIRED);
  if (self->state != PST_WORMHOLE_PAIRED)
    return;

  g_signal_emit (self, signals[SIGNAL_PAIRED], 0, version);
  deliver_ahead (self);
}

static void
open_version (PstWormhole *self)
{
  g_autoptr (GBytes) body = g_steal_pointer (&self->peer_version);
  g_autoptr (GBytes) plaintext = NULL;
  g_autoptr (JsonObject) version = NULL;
  GError *error = NULL;

  plaintext = pst_phase_open (self->key, self->peer_side, "version", body, NULL);
  if (plaintext == NULL)
    fail (self, g_error_new_literal (
                    PST_ERROR, PST_ERROR_WRONG_CODE,
                    "The codes of the two sides differ, or someone tries to guess yours. "
                    "Make a new code and try again."));
  else if (!find_app_version (plaintext, &version, &error))
    fail (self, error);
  else
    on_paired (self, version);
}

/* Our version goes out before theirs is looked at: should the codes differ,
 * both sides come to know. */
static void
on_pake (PstWormhole *self, GBytes *body)
{
  g_autoptr (GBytes) message = NULL;
  GError *error = NULL;

  if (self->agreement == NULL)
    return;

  message = parse_pake (body, &error);
  if (message == NULL || !pst_spake2_finish (self->agreement, message, self->key, &error))
    {
      fail (self, error);
      return;
    }

  g_clear_pointer (&self->agreement, pst_spake2_free);
  self->has_key = TRUE;
  pst_line_release (self->line);
  send_version (self);
  set_state (self, PST_WORMHOLE_PAIRING);
  if (self->state == PST_WORMHOLE_PAIRING && self->peer_version != NULL)
    open_version (self);
}

static void
on_version (PstWormhole *self, GBytes *body)
{
  if (self->state == PST_WORMHOLE_PAIRED || self->peer_version != NULL)
    return;

  self->peer_version = g_bytes_ref (body);
  if (self->has_key)
    open_version (self);
}

static void
on_numeric (PstWormhole *self, guint number, GBytes *body)
{
  gpointer key = GUINT_TO_POINTER (number);

  if (number < self->next_incoming || g_hash_table_contains (self->ahead, key))
    return;
  if (number - self->next_incoming >= MAX_AHEAD)
    {
      fail (self, g_error_new_literal (PST_ERROR, PST_ERROR_PROTOCOL,
                                       "Messages of the other side are missing."));
      return;
    }

  g_hash_table_insert (self->ahead, key, g_bytes_ref (body));
  deliver_ahead (self);
}

static gboolean
is_peer (PstWormhole *self, const char *side)
{
  if (self->peer_side == NULL)
    self->peer_side = g_strdup (side);

  return strcmp (self->peer_side, side) == 0;
}

static void
on_mail (PstLine *line, const char *side, const char *phase, GBytes *body, PstWormhole *wormhole)
{
  g_autoptr (PstWormhole) self = g_object_ref (wormhole);
  guint number;

  if (self->state == PST_WORMHOLE_CLOSED)
    return;
  if (!is_peer (self, side))
    fail (self, g_error_new_literal (
                    PST_ERROR, PST_ERROR_SERVER,
                    "Two others are using this code already. Make a new code and try again."));
  else if (strcmp (phase, "pake") == 0)
    on_pake (self, body);
  else if (strcmp (phase, "version") == 0)
    on_version (self, body);
  else if (pst_mailbox_parse_phase (phase, &number))
    on_numeric (self, number, body);
}

static void
on_claimed (PstLine *line, const char *nameplate, PstWormhole *wormhole)
{
  g_autoptr (PstWormhole) self = g_object_ref (wormhole);
  GError *error = NULL;

  if (self->state == PST_WORMHOLE_CLOSED)
    return;
  if (self->code == NULL)
    self->code = pst_code_make (nameplate, self->n_words);

  self->agreement = pst_spake2_new (self->code, self->appid, &error);
  if (self->agreement == NULL)
    {
      fail (self, error);
      return;
    }

  send_pake (self);
  set_state (self, PST_WORMHOLE_WAITING);
  if (self->state == PST_WORMHOLE_WAITING && self->hosting)
    g_signal_emit (self, signals[SIGNAL_CODE], 0, self->code);
}

static void
on_line_failed (PstLine *line, GError *error, PstWormhole *self)
{
  fail (self, g_error_copy (error));
}

static void
get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  switch (prop_id)
    {
    case PROP_STATE:
      g_value_set_int (value, PST_WORMHOLE (object)->state);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
pst_wormhole_dispose (GObject *object)
{
  PstWormhole *self = PST_WORMHOLE (object);

  if (self->line != NULL)
    g_signal_handlers_disconnect_by_data (self->line, self);
  g_clear_object (&self->line);
  g_clear_pointer (&self->agreement, pst_spake2_free);

  G_OBJECT_CLASS (pst_wormhole_parent_class)->dispose (object);
}

static void
pst_wormhole_finalize (GObject *object)
{
  PstWormhole *self = PST_WORMHOLE (object);

  sodium_memzero (self->key, sizeof self->key);
  g_clear_pointer (&self->code, g_free);
  g_clear_pointer (&self->app_version, json_object_unref);
  g_clear_pointer (&self->peer_version, g_bytes_unref);
  g_clear_pointer (&self->ahead, g_hash_table_unref);
  g_clear_pointer (&self->unsent, g_ptr_array_unref);
  g_clear_pointer (&self->close_tasks, g_ptr_array_unref);
  g_clear_error (&self->error);
  g_free (self->appid);
  g_free (self->side);
  g_free (self->peer_side);

  G_OBJECT_CLASS (pst_wormhole_parent_class)->finalize (object);
}

static void
pst_wormhole_class_init (PstWormholeClass *klass)
{
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  G_OBJECT_CLASS (klass)->get_property = get_property;
  G_OBJECT_CLASS (klass)->dispose = pst_wormhole_dispose;
  G_OBJECT_CLASS (klass)->finalize = pst_wormhole_finalize;

  props[PROP_STATE]
      = g_param_spec_int ("state", NULL, NULL, 0, PST_WORMHOLE_CLOSED, PST_WORMHOLE_NEW, flags);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPS, props);

  signals[SIGNAL_CODE] = g_signal_new ("code", PST_TYPE_WORMHOLE, G_SIGNAL_RUN_LAST, 0, NULL,
                                       NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SIGNAL_PAIRED] = g_signal_new ("paired", PST_TYPE_WORMHOLE, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 1, JSON_TYPE_OBJECT);
  signals[SIGNAL_MESSAGE] = g_signal_new ("message", PST_TYPE_WORMHOLE, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 1, JSON_TYPE_OBJECT);
  signals[SIGNAL_FAILED] = g_signal_new ("failed", PST_TYPE_WORMHOLE, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
pst_wormhole_init (PstWormhole *self)
{
  guint8 random[SIDE_BYTES];
  char hex[2 * SIDE_BYTES + 1];

  randombytes_buf (random, sizeof random);
  self->side = g_strdup (sodium_bin2hex (hex, sizeof hex, random, sizeof random));
  self->ahead = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_bytes_unref);
  self->unsent = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
}

/**
 * pst_wormhole_new:
 * @server_url: the mailbox server, `ws://HOST:PORT` or `wss://HOST`; `/v1` is
 *   added to a URL without a path
 * @appid: the application id, as a rule %PST_WORMHOLE_APPID
 *
 * Makes a client of the mailbox protocol (docs/protocol.md, Pairing) for one
 * pairing. Nothing happens until pst_wormhole_host() or pst_wormhole_join().
 *
 * Returns: (transfer full): a new wormhole
 */
PstWormhole *
pst_wormhole_new (const char *server_url, const char *appid)
{
  PstWormhole *self = g_object_new (PST_TYPE_WORMHOLE, NULL);

  self->appid = g_strdup (appid);
  self->line = pst_line_new (server_url, appid, self->side);
  g_signal_connect (self->line, "claimed", G_CALLBACK (on_claimed), self);
  g_signal_connect (self->line, "mail", G_CALLBACK (on_mail), self);
  g_signal_connect (self->line, "failed", G_CALLBACK (on_line_failed), self);
  return self;
}

/**
 * pst_wormhole_set_timing:
 * @self: a new wormhole
 * @timing: its time-outs; copied
 *
 * Replaces pst_wormhole_default_timing.
 */
void
pst_wormhole_set_timing (PstWormhole *self, const PstWormholeTiming *timing)
{
  pst_line_set_timing (self->line, timing);
}

/**
 * pst_wormhole_set_app_version:
 * @self: a wormhole that is not paired
 * @app_version: (transfer none) (nullable): what the peer gets with its `paired`
 *
 * Sets what stands under `app_versions.penstock` in our version message.
 */
void
pst_wormhole_set_app_version (PstWormhole *self, JsonObject *app_version)
{
  g_clear_pointer (&self->app_version, json_object_unref);
  self->app_version = app_version != NULL ? json_object_ref (app_version) : NULL;
}

static void
start (PstWormhole *self, const char *code, const char *nameplate)
{
  g_autofree char *code_nameplate = NULL;
  GError *error = NULL;

  g_return_if_fail (self->state == PST_WORMHOLE_NEW);

  set_state (self, PST_WORMHOLE_CONNECTING);
  if (code != NULL && (self->code = pst_code_parse (code, &error)) == NULL)
    {
      fail (self, error);
      return;
    }

  if (self->code != NULL)
    code_nameplate = pst_code_dup_nameplate (self->code);
  pst_line_start (self->line, code_nameplate != NULL ? code_nameplate : nameplate);
}

/**
 * pst_wormhole_host:
 * @self: a new wormhole
 * @code: (nullable): the code to wait under
 * @nameplate: (nullable): without @code: the nameplate to make one with; %NULL
 *   lets the server choose
 * @n_words: the words of a code made here; 0 for %PST_CODE_DEFAULT_WORDS
 *
 * Waits for a peer. `code` is emitted once the nameplate is claimed.
 */
void
pst_wormhole_host (PstWormhole *self, const char *code, const char *nameplate, guint n_words)
{
  self->hosting = TRUE;
  self->n_words = n_words > 0 ? n_words : PST_CODE_DEFAULT_WORDS;
  start (self, code, nameplate);
}

/**
 * pst_wormhole_join:
 * @self: a new wormhole
 * @code: the code of the side that waits
 *
 * Looks for a peer. If nobody waits under the nameplate, the wormhole waits.
 */
void
pst_wormhole_join (PstWormhole *self, const char *code)
{
  start (self, code, NULL);
}

/**
 * pst_wormhole_get_state:
 * @self: a wormhole
 *
 * Returns: its state
 */
PstWormholeState
pst_wormhole_get_state (PstWormhole *self)
{
  return self->state;
}

/**
 * pst_wormhole_get_code:
 * @self: a wormhole
 *
 * Returns: (transfer none) (nullable): the code, once it is known
 */
const char *
pst_wormhole_get_code (PstWormhole *self)
{
  return self->code;
}

/**
 * pst_wormhole_get_side:
 * @self: a wormhole
 *
 * Returns: (transfer none): our side: ten hex digits
 */
const char *
pst_wormhole_get_side (PstWormhole *self)
{
  return self->side;
}

/**
 * pst_wormhole_get_peer_side:
 * @self: a wormhole
 *
 * Returns: (transfer none) (nullable): the other side, once it was seen
 */
const char *
pst_wormhole_get_peer_side (PstWormhole *self)
{
  return self->peer_side;
}

/**
 * pst_wormhole_derive_key:
 * @self: a wormhole that is or was paired
 * @purpose: (array length=purpose_bytes): what the key is for
 * @purpose_bytes: its length
 *
 * Derives a key from the one both sides agreed on, see pst_phase_derive().
 *
 * Returns: (transfer full) (nullable): %PST_KEY_BYTES bytes; %NULL before the
 *   keys were agreed
 */
GBytes *
pst_wormhole_derive_key (PstWormhole *self, const guint8 *purpose, gsize purpose_bytes)
{
  guint8 *key;

  if (!self->has_key)
    return NULL;

  key = g_malloc (PST_KEY_BYTES);
  pst_phase_derive (self->key, purpose, purpose_bytes, key);
  return g_bytes_new_take (key, PST_KEY_BYTES);
}

/**
 * pst_wormhole_send:
 * @self: a wormhole
 * @message: (transfer none): what to say, below %PST_WORMHOLE_MAX_MESSAGE_BYTES
 *   as JSON; not changed afterwards
 *
 * Sends a message in the next numeric phase. What is given before `paired`
 * waits for it; after closing, nothing is sent.
 */
void
pst_wormhole_send (PstWormhole *self, JsonObject *message)
{
  if (self->state == PST_WORMHOLE_PAIRED)
    send_message (self, message);
  else if (self->state != PST_WORMHOLE_CLOSED)
    g_ptr_array_add (self->unsent, json_object_ref (message));
}

/**
 * pst_wormhole_hurry:
 * @self: a wormhole
 *
 * Sees to it that a lost connection to the server is noticed and made again
 * soon, because someone waits for what comes through it.
 */
void
pst_wormhole_hurry (PstWormhole *self)
{
  if (self->state == PST_WORMHOLE_PAIRED)
    pst_line_hurry (self->line);
}

/**
 * pst_wormhole_add_server:
 * @self: a wormhole
 * @server_url: another address of the server, see pst_wormhole_new()
 *
 * The server may have moved. All addresses are tried in turn whenever the
 * connection is lost. What a wrong server gets to see is sealed. Before
 * `paired` this does nothing.
 */
void
pst_wormhole_add_server (PstWormhole *self, const char *server_url)
{
  if (self->state == PST_WORMHOLE_PAIRED)
    pst_line_add_url (self->line, server_url);
}

/**
 * pst_wormhole_change_server:
 * @self: a wormhole
 *
 * Tries the next address, if there is one: the other side does not seem to be
 * at this one.
 */
void
pst_wormhole_change_server (PstWormhole *self)
{
  if (self->state == PST_WORMHOLE_PAIRED)
    pst_line_change_server (self->line);
}

/**
 * pst_wormhole_close_async:
 * @self: a wormhole
 * @mood: how it went
 * @callback: called when done
 * @user_data: for @callback
 *
 * Releases the nameplate and closes the mailbox, as far as the server can be
 * reached within the time for it; on a wormhole that failed, waits for that
 * end. `failed` is not emitted for what happens afterwards.
 */
void
pst_wormhole_close_async (PstWormhole *self,
                          PstMood mood,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, pst_wormhole_close_async);
  if (self->line_closed)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }

  if (self->close_tasks == NULL)
    self->close_tasks = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (self->close_tasks, g_steal_pointer (&task));
  if (self->state != PST_WORMHOLE_CLOSED)
    close_line (self, mood);
}

/**
 * pst_wormhole_close_finish:
 * @self: a wormhole
 * @result: what the callback got
 * @error: unused; closing does not fail
 *
 * Returns: %TRUE
 */
gboolean
pst_wormhole_close_finish (PstWormhole *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

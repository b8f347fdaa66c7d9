/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-wormhole-private.h"

#include <sodium.h>

#include "pst-code.h"
#include "pst-phase.h"
#include "pst-timer.h"

/* The bytes of a side: enough that two never meet, as in stock clients. */
#define SIDE_BYTES 5

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
void
pst_wormhole_set_state (PstWormhole *self, PstWormholeState state)
{
  g_assert (transitions[self->state] & TO (state));
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
}

void
pst_wormhole_emit_paired (PstWormhole *self, JsonObject *app_version)
{
  g_signal_emit (self, signals[SIGNAL_PAIRED], 0, app_version);
}

void
pst_wormhole_emit_message (PstWormhole *self, JsonObject *message)
{
  g_signal_emit (self, signals[SIGNAL_MESSAGE], 0, message);
}

void
pst_wormhole_emit_failed (PstWormhole *self, const GError *error)
{
  g_signal_emit (self, signals[SIGNAL_FAILED], 0, error);
}

static void
on_mail (PstLine *line, const char *side, const char *phase, GBytes *body, PstWormhole *wormhole)
{
  g_autoptr (PstWormhole) self = g_object_ref (wormhole);

  pst_wormhole_take_mail (self, side, phase, body);
}

static void
on_claimed (PstLine *line, const char *nameplate, PstWormhole *wormhole)
{
  g_autoptr (PstWormhole) self = g_object_ref (wormhole);
  GError *error = NULL;

  if (self->state == PST_WORMHOLE_CLOSED)
    return;
  if (self->code == NULL && self->meeting == NULL)
    self->code = pst_code_make (nameplate, self->n_words);

  self->agreement = pst_spake2_new (self->meeting != NULL ? pst_meeting_get_password (self->meeting)
                                                          : self->code,
                                    self->appid, &error);
  if (self->agreement == NULL)
    {
      pst_wormhole_fail (self, error);
      return;
    }

  pst_wormhole_send_pake (self);
  pst_wormhole_set_state (self, PST_WORMHOLE_WAITING);
  if (self->state == PST_WORMHOLE_WAITING && self->hosting && self->code != NULL)
    g_signal_emit (self, signals[SIGNAL_CODE], 0, self->code);
}

static void
on_line_failed (PstLine *line, GError *error, PstWormhole *self)
{
  pst_wormhole_fail (self, g_error_copy (error));
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

  pst_timer_clear (&self->doubt);
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
  g_clear_pointer (&self->meeting, pst_meeting_free);
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

  props[PROP_STATE] = g_param_spec_int ("state", NULL, NULL, 0, PST_WORMHOLE_CLOSED,
                                        PST_WORMHOLE_NEW, flags);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPS, props);

  signals[SIGNAL_CODE] = g_signal_new ("code", PST_TYPE_WORMHOLE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                       NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SIGNAL_PAIRED] = g_signal_new ("paired", PST_TYPE_WORMHOLE, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 1, JSON_TYPE_OBJECT);
  signals[SIGNAL_MESSAGE] = g_signal_new ("message", PST_TYPE_WORMHOLE, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 1, JSON_TYPE_OBJECT);
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

static void
make_line (PstWormhole *self, const char *server_url)
{
  self->line = pst_line_new (server_url, self->appid, self->side);
  g_signal_connect (self->line, "claimed", G_CALLBACK (on_claimed), self);
  g_signal_connect (self->line, "mail", G_CALLBACK (on_mail), self);
  g_signal_connect (self->line, "failed", G_CALLBACK (on_line_failed), self);
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
  make_line (self, server_url);
  return self;
}

/**
 * pst_wormhole_new_for_meeting:
 * @server_url: the mailbox server, see pst_wormhole_new()
 * @appid: the application id, as a rule %PST_WORMHOLE_APPID
 * @meeting: (transfer full): where two remembered devices meet
 *
 * Makes a wormhole that needs no code: its mailbox, its side and the password of
 * the key exchange come from @meeting. Nothing happens until pst_wormhole_meet().
 *
 * Returns: (transfer full): a new wormhole
 */
PstWormhole *
pst_wormhole_new_for_meeting (const char *server_url, const char *appid, PstMeeting *meeting)
{
  PstWormhole *self = g_object_new (PST_TYPE_WORMHOLE, NULL);

  self->appid = g_strdup (appid);
  self->meeting = meeting;
  g_free (self->side);
  self->side = g_strdup (pst_meeting_get_side (meeting));
  make_line (self, server_url);
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

  pst_wormhole_set_state (self, PST_WORMHOLE_CONNECTING);
  if (code != NULL && (self->code = pst_code_parse (code, &error)) == NULL)
    {
      pst_wormhole_fail (self, error);
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
 * pst_wormhole_meet:
 * @self: a new wormhole for a meeting
 *
 * Waits for the other device, as host and guest alike. Messages of whoever does not
 * know the secret are passed over. The other device may do the same as this one. The
 * wormhole fails with %PST_ERROR_LIMIT if an earlier attempt, or a stranger, still has
 * a place in the mailbox.
 */
void
pst_wormhole_meet (PstWormhole *self)
{
  g_return_if_fail (self->state == PST_WORMHOLE_NEW && self->meeting != NULL);

  pst_wormhole_set_state (self, PST_WORMHOLE_CONNECTING);
  pst_line_start_at (self->line, pst_meeting_get_mailbox (self->meeting));
}

/**
 * pst_wormhole_get_meeting:
 * @self: a wormhole
 *
 * Returns: (transfer none) (nullable): what it was made for; %NULL if for a code
 */
const PstMeeting *
pst_wormhole_get_meeting (PstWormhole *self)
{
  return self->meeting;
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
    pst_wormhole_send_phase (self, message);
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

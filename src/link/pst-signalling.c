/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-signalling.h"

#include "pst-error.h"
#include "pst-json.h"

struct _PstSignalling
{
  gboolean offerer;
  guint32 epoch;
  gboolean described; /* the other side's description came */
  gboolean ended;     /* the other side's candidates are complete */
  guint n_candidates; /* how many came */
};

/**
 * pst_signalling_new:
 * @offerer: whether this side makes the offer
 * @epoch: the number of the connection within the pairing
 *
 * Makes the memory that holds what came through the signalling of one
 * connection against its limits.
 *
 * Returns: (transfer full): the memory
 */
PstSignalling *
pst_signalling_new (gboolean offerer, guint32 epoch)
{
  PstSignalling *self = g_new0 (PstSignalling, 1);

  self->offerer = offerer;
  self->epoch = epoch;
  return self;
}

/**
 * pst_signalling_free:
 * @self: (transfer full) (nullable): the memory
 */
void
pst_signalling_free (PstSignalling *self)
{
  g_free (self);
}

static JsonObject *
new_message (PstSignalling *self, const char *type)
{
  JsonObject *message = json_object_new ();

  json_object_set_string_member (message, "t", type);
  json_object_set_int_member (message, "epoch", self->epoch);
  return message;
}

/**
 * pst_signalling_make_description:
 * @self: the connection's memory
 * @description: this side's description
 *
 * Returns: (transfer full): the `sdp` message
 */
JsonObject *
pst_signalling_make_description (PstSignalling *self, const PstDescription *description)
{
  JsonObject *message = new_message (self, "sdp");

  json_object_set_string_member (message, "kind", self->offerer ? "offer" : "answer");
  json_object_set_string_member (message, "sdp", description->sdp);
  return message;
}

/**
 * pst_signalling_make_candidates:
 * @self: the connection's memory
 * @candidates: (array zero-terminated=1): at most
 *   %PST_SIGNALLING_MAX_CANDIDATES_A_MESSAGE candidates from pst_candidate_parse()
 * @end: whether there will be no more
 *
 * Returns: (transfer full): the `ice` message
 */
JsonObject *
pst_signalling_make_candidates (PstSignalling *self, const char *const *candidates, gboolean end)
{
  JsonObject *message = new_message (self, "ice");
  JsonArray *array = json_array_new ();

  for (guint i = 0; candidates[i] != NULL; i++)
    {
      JsonObject *candidate = json_object_new ();

      json_object_set_int_member (candidate, "m", 0);
      json_object_set_string_member (candidate, "c", candidates[i]);
      json_array_add_object_element (array, candidate);
    }

  json_object_set_array_member (message, "c", array);
  json_object_set_boolean_member (message, "end", end);
  return message;
}

static gboolean
broken (GError **error, const char *sentence)
{
  g_set_error_literal (error, PST_ERROR, PST_ERROR_PROTOCOL, sentence);
  return FALSE;
}

static gboolean
take_description (PstSignalling *self, JsonObject *message, PstSignal *signal, GError **error)
{
  const char *wanted = self->offerer ? "answer" : "offer";
  const char *kind;
  const char *sdp;

  if (!pst_json_get_string (message, "kind", 16, &kind, error)
      || !pst_json_get_string (message, "sdp", PST_SIGNALLING_MAX_SDP_BYTES, &sdp, error))
    return FALSE;
  if (!g_str_equal (kind, wanted))
    return broken (error, "The other side sent a session description of the wrong kind.");
  if (self->described)
    return broken (error, "The other side sent a second session description.");

  signal->description = pst_description_parse (sdp, !self->offerer, error);
  self->described = signal->description != NULL;
  return self->described;
}

static gboolean
take_candidate (JsonNode *node, GStrvBuilder *candidates, GError **error)
{
  g_autofree char *candidate = NULL;
  JsonObject *object;
  const char *text;
  guint64 line;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return broken (error, "The other side sent a network address that is not one.");

  object = json_node_get_object (node);
  if (!pst_json_get_uint (object, "m", 0, &line, error)
      || !pst_json_get_string (object, "c", PST_SIGNALLING_MAX_CANDIDATE_BYTES, &text, error)
      || !pst_candidate_parse (text, &candidate, error))
    return FALSE;

  if (candidate != NULL)
    g_strv_builder_add (candidates, candidate);
  return TRUE;
}

static gboolean
take_candidates (PstSignalling *self, JsonObject *message, PstSignal *signal, GError **error)
{
  g_autoptr (GStrvBuilder) candidates = g_strv_builder_new ();
  JsonArray *array;
  guint n;

  if (self->ended)
    return broken (error, "The other side sent network addresses after the last one.");

  array = pst_json_get_array (message, "c", PST_SIGNALLING_MAX_CANDIDATES_A_MESSAGE, error);
  if (array == NULL || !pst_json_get_bool (message, "end", FALSE, &signal->end, error))
    return FALSE;

  n = json_array_get_length (array);
  self->n_candidates += n;
  if (self->n_candidates > PST_SIGNALLING_MAX_CANDIDATES)
    return broken (error, "The other side sent too many network addresses.");

  for (guint i = 0; i < n; i++)
    if (!take_candidate (json_array_get_element (array, i), candidates, error))
      return FALSE;

  self->ended = signal->end;
  g_strfreev (signal->candidates);
  signal->candidates = g_strv_builder_end (candidates);
  return TRUE;
}

/**
 * pst_signalling_take:
 * @self: the connection's memory
 * @message: what came, from a stranger
 * @error: return location for a %PST_ERROR_PROTOCOL
 *
 * Reads one `sdp` or `ice` message (docs/protocol.md, “Signalling”). Candidates
 * that are well formed but of no use here are left out.
 *
 * Returns: (transfer full) (nullable): what it says
 */
PstSignal *
pst_signalling_take (PstSignalling *self, JsonObject *message, GError **error)
{
  g_autoptr (PstSignal) signal = g_new0 (PstSignal, 1);
  const char *type;
  guint64 epoch;
  gboolean ok;

  signal->candidates = g_new0 (char *, 1);
  if (!pst_json_get_string (message, "t", 16, &type, error)
      || !pst_json_get_uint (message, "epoch", G_MAXUINT32, &epoch, error))
    return NULL;

  if (epoch != self->epoch)
    ok = broken (error, "A message belongs to another connection.");
  else if (g_str_equal (type, "sdp"))
    ok = take_description (self, message, signal, error);
  else if (g_str_equal (type, "ice"))
    ok = take_candidates (self, message, signal, error);
  else
    ok = broken (error, "A message about the connection is of an unknown type.");

  return ok ? g_steal_pointer (&signal) : NULL;
}

/**
 * pst_signal_free:
 * @self: (transfer full): a message
 */
void
pst_signal_free (PstSignal *self)
{
  pst_description_free (self->description);
  g_strfreev (self->candidates);
  g_free (self);
}

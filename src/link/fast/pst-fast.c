/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-fast.h"

#include <stdio.h>
#include <stdlib.h>

#include "pst-dtls-dec.h"
#include "pst-dtls-enc.h"
#include "pst-nice-sink.h"
#include "pst-nice-src.h"
#include "pst-sctp-elements.h"
#include "pst-sctp.h"
#include "pst-sctp-size.h"

/* webrtcbin makes its parts by name, and takes the feature that has the name. What
 * it expects of them it tells nobody: these are the versions it was tried with. */
#define PROVEN_MAJOR 1
static const guint proven_minors[] = { 22, 26 };

typedef struct
{
  const char *name;
  GType (*get_type) (void);
  GstPluginFeature *stock; /* (nullable): GStreamer's, while ours stands in its place */
  GstPluginFeature *ours;  /* (nullable): once it was registered */
} Replacement;

static Replacement replacements[] = {
  { "dtlssrtpdec", pst_dtls_dec_get_type, NULL, NULL },
  { "dtlssrtpenc", pst_dtls_enc_get_type, NULL, NULL },
  { "sctpenc", pst_sctp_enc_get_type, NULL, NULL },
  { "sctpdec", pst_sctp_dec_get_type, NULL, NULL },
  { "nicesink", pst_nice_sink_get_type, NULL, NULL },
  { "nicesrc", pst_nice_src_get_type, NULL, NULL },
};

static GMutex lock;
static gboolean is_used;

/**
 * pst_fast_is_proven:
 * @major: of a version of GStreamer
 * @minor: the same; odd ones are in development
 *
 * Returns: whether our elements were tried with that version's webrtcbin, by every
 *   test there is
 */
gboolean
pst_fast_is_proven (guint major, guint minor)
{
  for (guint i = 0; i < G_N_ELEMENTS (proven_minors); i++)
    if (major == PROVEN_MAJOR && minor == proven_minors[i])
      return TRUE;
  return FALSE;
}

static void
get_version (guint *major, guint *minor)
{
  const char *claimed = g_getenv ("PST_LINK_GSTREAMER");
  guint micro;
  guint nano;

  gst_version (major, minor, &micro, &nano);
  if (claimed != NULL && sscanf (claimed, "%u.%u", major, minor) != 2)
    *major = *minor = 0;
}

static gboolean
check_version (GError **error)
{
  guint major;
  guint minor;

  get_version (&major, &minor);
  if (pst_fast_is_proven (major, minor))
    return TRUE;

  g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_FAILED,
               "GStreamer %u.%u is not among the versions it was tried with.", major, minor);
  return FALSE;
}

static gboolean
replace (Replacement *self, GError **error)
{
  GstRegistry *registry = gst_registry_get ();
  GstPluginFeature *stock = gst_registry_lookup_feature (registry, self->name);

  if (stock == NULL)
    {
      g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
                   "GStreamer has no element “%s”.", self->name);
      return FALSE;
    }
  self->stock = stock;
  if (self->ours != NULL)
    return gst_registry_add_feature (registry, self->ours);
  if (gst_element_register (NULL, self->name, GST_RANK_PRIMARY + 1, self->get_type ()))
    {
      self->ours = gst_registry_lookup_feature (registry, self->name);
      return TRUE;
    }

  g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_FAILED,
               "An element of Penstock's for “%s” cannot be registered.", self->name);
  return FALSE;
}

static void
restore (Replacement *self)
{
  if (self->stock == NULL)
    return;
  gst_registry_add_feature (gst_registry_get (), self->stock);
  gst_clear_object (&self->stock);
}

static void
restore_all (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (replacements); i++)
    restore (&replacements[i]);
}

static gboolean
replace_all (GError **error)
{
  if (!check_version (error))
    return FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (replacements); i++)
    if (!replace (&replacements[i], error))
      {
        restore_all ();
        return FALSE;
      }
  return TRUE;
}

/**
 * pst_fast_use:
 * @wanted: whether connections made from now on should have our elements
 * @error: (nullable): return location for why they cannot
 *
 * Puts our elements in the place of GStreamer's in the registry of this process, or
 * takes them out again. GStreamer must be initialised. Its version must be a proven
 * one, see pst_fast_is_proven(); what the environment's PST_LINK_GSTREAMER says, such
 * as “1.22”, is taken for it.
 *
 * Returns: whether connections made from now on have our elements
 */
gboolean
pst_fast_use (gboolean wanted, GError **error)
{
  gboolean used;

  g_mutex_lock (&lock);
  if (wanted && !is_used)
    is_used = replace_all (error);
  else if (!wanted && is_used)
    {
      restore_all ();
      is_used = FALSE;
    }
  used = is_used;
  g_mutex_unlock (&lock);
  return used;
}

/**
 * pst_fast_get_most_packet_bytes:
 * @same_network: whether both ends are on one network, without a router between
 *
 * How large packets may be: as large as travels whole. The environment's
 * PST_LINK_MAX_PACKET_BYTES sets another limit, which may be so high that packets
 * travel in fragments where nothing but the local network lies between.
 *
 * Returns: bytes of a packet below DTLS
 */
guint
pst_fast_get_most_packet_bytes (gboolean same_network)
{
  const char *limit = g_getenv ("PST_LINK_MAX_PACKET_BYTES");
  guint most_bytes = same_network ? PST_SCTP_LARGE_PACKET_BYTES : PST_SCTP_WHOLE_PACKET_BYTES;

  if (limit == NULL)
    return PST_SCTP_WHOLE_PACKET_BYTES;
  return CLAMP ((guint) strtoul (limit, NULL, 10), PST_SCTP_BASE_PACKET_BYTES, most_bytes);
}

/**
 * pst_fast_get_path:
 * @sctp_encoder: a `sctpenc`, ours or GStreamer's
 * @path: (inout): filled in as far as something is known; GStreamer's tells nothing,
 *   not even of the other side, which may therefore be one that sleeps
 */
void
pst_fast_get_path (GstElement *sctp_encoder, PstChannelPath *path)
{
  PstSctpFigures figures = { 0 };

  path->sender_sleeps = TRUE;
  if (!PST_IS_SCTP_ENC (sctp_encoder))
    return;

  pst_sctp_enc_get_figures (PST_SCTP_ENC (sctp_encoder), &figures);
  path->sender_sleeps = !figures.peer_is_penstock;
  path->came_us = figures.came_us;
  path->unanswered_us = figures.unanswered_us;
  if (figures.round_trip_us == 0)
    return;
  path->round_trip_us = figures.round_trip_us;
  path->least_round_trip_us = figures.least_round_trip_us;
  path->sent_bytes = figures.sent_bytes;
  path->lost_bytes = figures.lost_bytes;
}

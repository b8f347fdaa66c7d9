/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "pst-channel.h"
#include "pst-handover.h"
#include "pst-peer.h"

G_BEGIN_DECLS

typedef struct _PstPipeline PstPipeline;

/**
 * PstPipelineHealth:
 * @PST_PIPELINE_CONNECTING: no secure path yet
 * @PST_PIPELINE_SECURE: the DTLS handshake is done
 * @PST_PIPELINE_NO_PATH: no pair of addresses works, or works any more
 * @PST_PIPELINE_BROKEN: DTLS or SCTP ended
 */
typedef enum
{
  PST_PIPELINE_CONNECTING,
  PST_PIPELINE_SECURE,
  PST_PIPELINE_NO_PATH,
  PST_PIPELINE_BROKEN
} PstPipelineHealth;

gboolean pst_pipeline_check_installed (GError **error);
PstPipeline *pst_pipeline_new (PstHandover *handover,
                               const char *stun_server,
                               const char *const *turn_servers,
                               gboolean relay_only,
                               gboolean stock,
                               GError **error);
void pst_pipeline_tear_down (PstPipeline *self, GTask *done);

void pst_pipeline_make_description (PstPipeline *self, gboolean offer);
char *pst_pipeline_take_description (PstPipeline *self, gpointer promise);
void pst_pipeline_set_remote_description (PstPipeline *self, const char *sdp, gboolean offer);
gboolean pst_pipeline_is_refusal (gpointer promise);
void pst_pipeline_add_candidate (PstPipeline *self, const char *candidate);
void pst_pipeline_end_candidates (PstPipeline *self);
gboolean pst_pipeline_has_gathered (PstPipeline *self);

PstPipelineHealth pst_pipeline_get_health (PstPipeline *self);
char *pst_pipeline_get_remote_certificate (PstPipeline *self);

gboolean pst_pipeline_send (PstPipeline *self, GBytes *frame, GError **error);
guint64 pst_pipeline_get_buffered_amount (PstPipeline *self);
void pst_pipeline_get_path (PstPipeline *self, PstChannelPath *path);
void pst_pipeline_set_route (PstPipeline *self, PstRoute route);
void pst_pipeline_set_far (PstPipeline *self, gboolean far);
void pst_pipeline_set_low_mark (PstPipeline *self, guint64 low_mark_bytes);

G_END_DECLS

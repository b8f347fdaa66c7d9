/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-pipeline.h"

G_BEGIN_DECLS

/* Channels beside the one that a pipeline makes: announced by either side (RFC 8832). They
 * give back what comes in them, in webrtcbin's threads. */
void channel_more_watch (PstPipeline *pipeline);
void channel_more_announce (PstPipeline *pipeline, const char *label, gboolean ordered);
void channel_more_close (const char *label);
void channel_more_end (void);
void channel_more_say (const char *type, const char *name, const char *value);
void channel_more_say_figures (PstPipeline *pipeline);

G_END_DECLS

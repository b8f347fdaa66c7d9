/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "pst-session.h"

G_BEGIN_DECLS

/* What is being done about a code that was entered; its button activates the
 * action `receive.back`. */
#define PST_TYPE_RECEIVE_PROGRESS (pst_receive_progress_get_type ())
G_DECLARE_FINAL_TYPE (PstReceiveProgress, pst_receive_progress, PST, RECEIVE_PROGRESS, AdwBin)

void
pst_receive_progress_show (PstReceiveProgress *self, PstSessionState state, gboolean is_meeting);

G_END_DECLS

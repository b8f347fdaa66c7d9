/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-app-session.h"
#include "pst-app-transfer.h"

G_BEGIN_DECLS

/* What the gauge shows, in words. */

char *pst_gauge_describe (PstAppTransfer *transfer, PstAppSession *session);

G_END_DECLS

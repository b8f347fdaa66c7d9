/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "pst-engine.h"
#include "pst-history.h"

G_BEGIN_DECLS

#define PST_TYPE_APPLICATION (pst_application_get_type ())
G_DECLARE_FINAL_TYPE (PstApplication, pst_application, PST, APPLICATION, AdwApplication)

PstApplication *pst_application_new (void);
GSettings *pst_application_get_settings (PstApplication *self);
PstEngine *pst_application_get_engine (PstApplication *self);
PstHistory *pst_application_get_history (PstApplication *self);

G_END_DECLS

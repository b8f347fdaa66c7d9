/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-window-private.h"

G_BEGIN_DECLS

/* Two windows of one application, over real sessions. */
typedef struct
{
  PstApplication *application; /* one for all tests of a program */
  char *dir;
  char *file;
  PstWindow *host; /* NULL when it is gone */
  PstWindow *guest;
} WindowPair;

typedef gboolean (*WindowPairCondition) (WindowPair *pair);

#define wait_for(pair, condition) window_pair_wait (pair, condition, #condition)

PstApplication *window_pair_start (void);
void window_pair_setup (WindowPair *pair, gconstpointer data);
void window_pair_teardown (WindowPair *pair, gconstpointer data);
void window_pair_wait (WindowPair *pair, WindowPairCondition condition, const char *name);

gboolean window_pair_is_host_gone (WindowPair *pair);
gboolean window_pair_is_guest_gone (WindowPair *pair);
gboolean window_pair_has_code (WindowPair *pair);
gboolean window_pair_is_asked (WindowPair *pair);

void window_pair_send (WindowPair *pair);
void window_pair_connect (WindowPair *pair);
void window_pair_activate (PstWindow *window, const char *action);

G_END_DECLS

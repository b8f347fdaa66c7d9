/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions in one process, as tests need them: with real servers, beacons and
 * connections, and folders to send from and to receive into. */
#pragma once

#include "pst-session.h"

G_BEGIN_DECLS

/* Until a test that waits for something is a failed one; longer than the
 * longest wait inside a session. */
#define END_TIMEOUT_S 60

/* What pst_session_close_async() says, and as much again for a busy machine. */
#define END_CLOSE_TIMEOUT_S 8

typedef struct
{
  PstSession *session;
  char *folder;        /* what comes is accepted into it once `accepts` is set */
  gboolean accepts;
  GPtrArray *incoming; /* of PstTransfer */
  gboolean closed;     /* `closed` came */
  GError *error;       /* with it */
} End;

void end_init (End *end, const PstSessionOptions *options);
void end_init_default (End *end);
PstSessionState end_get_state (End *end);
void end_wait_for_code (End *end);
char *end_dup_wrong_code (End *end);
void end_accept_all (End *end);
void end_close (End *end);
void end_clear (End *end);
void end_open_pair (End *host, End *guest);
void end_open_pair_with (End *host,
                         const PstSessionOptions *host_options,
                         End *guest,
                         const PstSessionOptions *guest_options);
void end_wait_until_closed (End *end, int code);

char *make_folder (void);
void remove_folder (const char *path);
char *make_file (const char *folder, const char *name, gsize n_bytes);
char *make_sparse_file (const char *folder, const char *name, goffset n_bytes);
gboolean is_same_file (const char *one, const char *folder, const char *name);
PstTransfer *send_file (End *end, const char *path);

/* Runs the main context until the condition holds; fails the test in time. */
#define wait_within(seconds, condition)                                                            \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autoptr (GSource) timeout_ = start_timeout (seconds, #condition);                            \
    while (!(condition))                                                                           \
      g_main_context_iteration (NULL, TRUE);                                                       \
    g_source_destroy (timeout_);                                                                   \
  }                                                                                                \
  G_STMT_END
#define wait_for(condition) wait_within (END_TIMEOUT_S, condition)

GSource *start_timeout (guint seconds, const char *condition);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-app-devices.h"
#include "pst-attention.h"
#include "pst-failure-page.h"
#include "pst-offer-page.h"
#include "pst-receive-page.h"
#include "pst-start-page.h"
#include "pst-thrift.h"
#include "pst-transfers-page.h"
#include "pst-waiting-page.h"
#include "pst-window-page.h"
#include "pst-window.h"

G_BEGIN_DECLS

struct _PstWindow
{
  AdwApplicationWindow parent_instance;

  AdwToastOverlay *toasts;
  AdwToast *destination_toast; /* weak: while it stands there */
  AdwWindowTitle *window_title;
  GtkWidget *back_button;
  GtkWidget *add_button;
  GtkOverlay *drop_area;
  GtkRevealer *drop_note;
  GtkStack *stack;

  PstStartPage *start_page;
  PstWaitingPage *waiting_page;
  PstReceivePage *receive_page;
  PstOfferPage *offer_page;
  PstTransfersPage *transfers_page;
  PstFailurePage *failure_page;

  GSettings *settings;
  PstAttention *attention;
  PstThrift *thrift;
  PstWindowPage page;

  /* What is known (pst-window-session.c). */
  PstAppSession *session;
  GMenu *send_menu;     /* of remembered devices */
  GMenu *receive_menu;  /* the same */
  PstAppDevice *device; /* nullable: the remembered one it is with */
  char *last_device;    /* nullable: whom that session was to meet that failed */
  GSignalGroup *session_signals;
  GQueue offers;        /* of theirs that wait for an answer, in order; owned */
  GHashTable *accepted; /* those accepted here without a question */
  gboolean was_connected;
  gboolean trusted; /* the person accepted an offer of this connection */
  gboolean offers_put_off;
  gboolean words_wanted; /* and not made yet */
  gboolean entering;
  GError *failure; /* of the session that ended without a transfer */
  PstFailureRole failure_role;
  GStrv last_paths; /* what that session was to send */
  char *last_code;  /* what that session was joined with */

  GtkWindow *question; /* weak: the dialog that stands before the window */
};

/* pst-window.c */
void pst_window_update (PstWindow *self);
void pst_window_get_facts (PstWindow *self, PstWindowFacts *facts);

/* pst-window-actions.c */
void pst_window_install_actions (PstWindow *self);
void pst_window_install_shortcuts (PstWindow *self);
void pst_window_install_drop (PstWindow *self);
void pst_window_update_actions (PstWindow *self);
void pst_window_check_destination (PstWindow *self);

/* pst-window-session.c */
gboolean pst_window_is_open (PstWindow *self);
void pst_window_install_session (PstWindow *self);
void pst_window_clear_session (PstWindow *self);
void pst_window_host (PstWindow *self, const char *const *paths);
void pst_window_meet (PstWindow *self, const char *name, const char *const *paths);
void pst_window_join (PstWindow *self, const char *code_or_link);
void pst_window_do_step (PstWindow *self, PstFailureStep step);
void pst_window_dismiss_failure (PstWindow *self);
void pst_window_retry (PstWindow *self, PstAppTransfer *transfer);
gboolean pst_window_is_live (PstWindow *self);

/* pst-window-offers.c */
void pst_window_watch_transfer (PstWindow *self, PstAppTransfer *transfer);
void pst_window_unwatch_transfers (PstWindow *self);
void pst_window_show_next_offer (PstWindow *self);
void pst_window_drop_answered (PstWindow *self);
void pst_window_review (PstWindow *self, PstAppTransfer *transfer);

/* pst-window-close.c */
gboolean pst_window_close_request (GtkWindow *window);
void pst_window_close_now (PstWindow *self);
void pst_window_disconnect_asking (PstWindow *self);
void pst_window_ask (PstWindow *self, AdwMessageDialog *dialog, GCallback on_response);
void pst_window_end_session (PstWindow *self, PstAppSession *session);
void pst_window_restore_size (PstWindow *self);

/* pst-window-remember.c */
void pst_window_install_devices (PstWindow *self, PstAppDevices *devices);
gboolean pst_window_may_remember (PstWindow *self);
void pst_window_ask_to_remember (PstWindow *self);
void pst_window_note_remember (PstWindow *self);

/* pst-window-words.c */
gboolean pst_window_has_words (PstWindow *self);
void pst_window_compare_words (PstWindow *self);
void pst_window_note_words (PstWindow *self);

G_END_DECLS

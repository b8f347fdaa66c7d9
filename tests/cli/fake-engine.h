/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "pst-session.h"

G_BEGIN_DECLS

/* An engine that only plays what a test has planned: the commands are tested
 * against it without any network, disk or time. */
typedef struct
{
  gboolean nobody_comes;         /* waits for ever */
  const GError *closes_with;     /* instead of connecting */
  gboolean closes_after_connect; /* in peace, without any transfer */
  PstTransferState end;          /* how a transfer ends once accepted */
  const GError *transfer_error;  /* for PST_TRANSFER_FAILED */
  const GError *accept_error;    /* pst_transfer_accept() fails with it */
  PstJournalTrouble trouble;     /* what is received cannot be noted */
  gboolean withdraws;            /* what is offered, before anybody can answer */
  gboolean offers_back;          /* to a sender: an offer of the other side */
  gboolean stays;                /* the other side does not close after the end */
  gboolean hangs;                /* closing never ends */
  gboolean late_verifier;        /* the words are known only after the connection is there */
  PstRemember their_wish;        /* what the other side says about remembering */
  gboolean no_vault;             /* remembered devices cannot be kept */
  gboolean loses_link;           /* when a transfer ends, for a moment */
  guint interrupts;              /* how often SIGINT comes: when nobody comes, when a transfer
                                    ends up VERIFYING, and while closing hangs */
} FakePlan;

/* What the command did. */
typedef struct
{
  char *hosted_code;
  char *joined;
  char *remembered_as;
  gboolean meets; /* a remembered device, in place of a code */
  guint n_wishes; /* how often the command said what it wants */
  char *sent_first;
  char *destination;
  char *selection; /* as digits; NULL for all */
  guint n_declined;
  guint n_cancelled;
  guint n_left;
  gboolean rejected;
  gboolean closed;
} FakeRecord;

void fake_engine_reset (void);

extern FakePlan fake_plan;
extern FakeRecord fake_record;

G_END_DECLS

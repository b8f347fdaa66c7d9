/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * PstFailureStep:
 * @PST_FAILURE_STEP_NONE: nothing a button could do
 * @PST_FAILURE_STEP_RETRY: the same again
 * @PST_FAILURE_STEP_NEW_CODE: start again with a new code
 * @PST_FAILURE_STEP_ENTER_CODE: back to the entry of the code
 * @PST_FAILURE_STEP_CHOOSE_FOLDER: choose another destination
 * @PST_FAILURE_STEP_PREFERENCES: open the preferences
 * @PST_FAILURE_STEP_CHOOSE_FILES: choose what to send again
 * @PST_FAILURE_STEP_SCAN_IMAGE: read the code from a picture
 *
 * What a person can do about a failure with one button.
 */
typedef enum
{
  PST_FAILURE_STEP_NONE,
  PST_FAILURE_STEP_RETRY,
  PST_FAILURE_STEP_NEW_CODE,
  PST_FAILURE_STEP_ENTER_CODE,
  PST_FAILURE_STEP_CHOOSE_FOLDER,
  PST_FAILURE_STEP_PREFERENCES,
  PST_FAILURE_STEP_CHOOSE_FILES,
  PST_FAILURE_STEP_SCAN_IMAGE
} PstFailureStep;

/**
 * PstFailureRole:
 * @PST_FAILURE_HOST: this side showed the code
 * @PST_FAILURE_GUEST: this side entered the code
 * @PST_FAILURE_MEETING: a remembered device was to be met, without a code
 * @PST_FAILURE_SENDER: a transfer of ours failed
 * @PST_FAILURE_RECEIVER: a transfer to us failed
 *
 * Who meets the failure: the same error asks different things of each.
 */
typedef enum
{
  PST_FAILURE_HOST,
  PST_FAILURE_GUEST,
  PST_FAILURE_MEETING,
  PST_FAILURE_SENDER,
  PST_FAILURE_RECEIVER
} PstFailureRole;

/**
 * PstFailure:
 * @title: two or three words, translated
 * @sentence: what happened, one plain sentence, translated
 * @advice: what to do next, one plain sentence, translated
 * @step: the button that does it
 *
 * A failure in the person's words.
 */
typedef struct
{
  const char *title;
  const char *sentence;
  const char *advice;
  PstFailureStep step;
} PstFailure;

PstFailure pst_failure_describe (const GError *error, PstFailureRole role);
const char *pst_failure_step_label (PstFailureStep step);
char *pst_failure_details (const GError *error);

G_END_DECLS

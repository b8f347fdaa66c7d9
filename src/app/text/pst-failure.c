/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-failure.h"

#include <gio/gio.h>
#include <glib/gi18n.h>

#include "pst-error.h"
#include "pst-escape.h"

/* Whom a text is for: a set of PstFailureRole. */
enum
{
  FOR_HOST = 1 << PST_FAILURE_HOST,
  FOR_GUEST = 1 << PST_FAILURE_GUEST,
  FOR_MEETING = 1 << PST_FAILURE_MEETING,
  FOR_SENDER = 1 << PST_FAILURE_SENDER,
  FOR_RECEIVER = 1 << PST_FAILURE_RECEIVER,
  FOR_CONNECTION = FOR_HOST | FOR_GUEST | FOR_MEETING,
  FOR_TRANSFER = FOR_SENDER | FOR_RECEIVER,
  FOR_ALL = FOR_CONNECTION | FOR_TRANSFER
};

typedef struct
{
  int code;
  guint roles;
  PstFailure failure; /* not translated yet */
} Text;

/* The first that fits counts; each code has one for every role. */
static const Text texts[] = {
  { PST_ERROR_FAILED,
    FOR_CONNECTION,
    { N_ ("Something Went Wrong"), N_ ("The connection could not be made."),
      N_ ("Try again. If it happens again, copy the details and report them."),
      PST_FAILURE_STEP_RETRY } },
  { PST_ERROR_FAILED,
    FOR_TRANSFER,
    { N_ ("Transfer Failed"), N_ ("The transfer could not be completed."),
      N_ ("Try again. If it happens again, copy the details and report them."),
      PST_FAILURE_STEP_RETRY } },

  { PST_ERROR_USAGE,
    FOR_HOST | FOR_MEETING,
    { N_ ("Address Not Usable"), N_ ("An address in the preferences cannot be used."),
      N_ ("Check the server addresses in the preferences."), PST_FAILURE_STEP_PREFERENCES } },
  { PST_ERROR_USAGE,
    FOR_GUEST,
    { N_ ("No Server Set"),
      N_ ("This code needs a server that is not set here, or an address in the preferences cannot "
          "be used."),
      N_ ("Ask for the link instead, or set the other person’s server in the preferences."),
      PST_FAILURE_STEP_PREFERENCES } },
  { PST_ERROR_USAGE,
    FOR_TRANSFER,
    { N_ ("Not Possible Now"), N_ ("This transfer cannot be started any more."),
      N_ ("Start a new transfer."), PST_FAILURE_STEP_NONE } },

  { PST_ERROR_BAD_CODE,
    FOR_HOST | FOR_MEETING | FOR_TRANSFER,
    { N_ ("Not a Code"), N_ ("What was entered is not a code that can be used."),
      N_ ("Make a new code."), PST_FAILURE_STEP_NEW_CODE } },
  { PST_ERROR_BAD_CODE,
    FOR_GUEST,
    { N_ ("Not a Code"), N_ ("What you entered is neither a code nor a link."),
      N_ ("Check the code with the other person and enter it again."),
      PST_FAILURE_STEP_ENTER_CODE } },

  { PST_ERROR_WRONG_CODE,
    FOR_HOST | FOR_MEETING | FOR_TRANSFER,
    { N_ ("Wrong Code"),
      N_ ("Somebody entered a wrong code. A code works only once, so that nobody can guess it."),
      N_ ("Make a new code and give it to the other person."), PST_FAILURE_STEP_NEW_CODE } },
  { PST_ERROR_WRONG_CODE,
    FOR_GUEST,
    { N_ ("Wrong Code"), N_ ("The code does not match the one of the other person."),
      N_ ("A code works only once: ask the other person for a new one and enter it."),
      PST_FAILURE_STEP_ENTER_CODE } },

  { PST_ERROR_NOT_FOUND,
    FOR_MEETING,
    { N_ ("Nobody Found"), N_ ("The remembered device was not found."),
      N_ ("It has to be waiting to send to this one. If it has forgotten this device, use a code."),
      PST_FAILURE_STEP_RETRY } },
  { PST_ERROR_NOT_FOUND,
    FOR_HOST | FOR_TRANSFER,
    { N_ ("Nobody Found"), N_ ("Nobody came to use this code."),
      N_ ("Make a new code and give it to the other person."), PST_FAILURE_STEP_NEW_CODE } },
  { PST_ERROR_NOT_FOUND,
    FOR_GUEST,
    { N_ ("Nobody Found"), N_ ("Nobody is waiting under this code."),
      N_ ("Check the code, and that the other window is open and on the same network, then enter "
          "it "
          "again."),
      PST_FAILURE_STEP_ENTER_CODE } },

  { PST_ERROR_NO_PATH,
    FOR_ALL,
    { N_ ("No Way Through"),
      N_ ("Both machines were found, but no network path between them works."),
      N_ ("Connect both to the same network, or set a relay (TURN server) in the preferences."),
      PST_FAILURE_STEP_PREFERENCES } },

  { PST_ERROR_SERVER,
    FOR_ALL,
    { N_ ("Server Not Reachable"),
      N_ ("The server that brings the two of you together cannot be reached, or it refused."),
      N_ ("Check your connection to the Internet, then try again."), PST_FAILURE_STEP_RETRY } },

  { PST_ERROR_PROTOCOL,
    FOR_ALL,
    { N_ ("Not Understood"),
      N_ ("The other side sent something that Penstock does not understand."),
      N_ ("Make sure both of you have the current version of Penstock, then try again."),
      PST_FAILURE_STEP_RETRY } },

  { PST_ERROR_TAMPERED,
    FOR_CONNECTION,
    { N_ ("Connection Not Safe"),
      N_ ("Somebody may have interfered with the connection, so it was ended."),
      N_ ("Start again with a new code, if possible on another network."),
      PST_FAILURE_STEP_NEW_CODE } },
  { PST_ERROR_TAMPERED,
    FOR_TRANSFER,
    { N_ ("Damaged Data"), N_ ("What arrived is not what was sent, so it was not kept."),
      N_ ("Try again. If it happens again, use another network."), PST_FAILURE_STEP_RETRY } },

  { PST_ERROR_LOST,
    FOR_MEETING,
    { N_ ("Connection Lost"), N_ ("The connection to the other person broke off."),
      N_ ("Check the network, then try again."), PST_FAILURE_STEP_RETRY } },
  { PST_ERROR_LOST,
    FOR_HOST,
    { N_ ("Connection Lost"), N_ ("The connection to the other person broke off."),
      N_ ("Check the network, then start again with a new code."), PST_FAILURE_STEP_NEW_CODE } },
  { PST_ERROR_LOST,
    FOR_GUEST,
    { N_ ("Connection Lost"), N_ ("The connection to the other person broke off."),
      N_ ("Check the network, then ask for a new code and enter it."),
      PST_FAILURE_STEP_ENTER_CODE } },
  { PST_ERROR_LOST,
    FOR_SENDER,
    { N_ ("Connection Lost"), N_ ("The connection broke off before everything was sent."),
      N_ ("Connect again and send the rest once more."), PST_FAILURE_STEP_RETRY } },
  { PST_ERROR_LOST,
    FOR_RECEIVER,
    { N_ ("Connection Lost"),
      N_ ("The connection broke off before everything arrived. Files that are complete were kept."),
      N_ ("Connect again and ask the other person to send the rest."), PST_FAILURE_STEP_NONE } },

  { PST_ERROR_DECLINED,
    FOR_CONNECTION | FOR_SENDER,
    { /* Translators: the title of a failure: what was offered is not wanted */
      N_ ("Declined"), N_ ("The other person does not want to receive this."),
      N_ ("Ask them, then send it again if they agree."), PST_FAILURE_STEP_RETRY } },
  { PST_ERROR_DECLINED,
    FOR_RECEIVER,
    { /* Translators: the title of a failure: what was offered is not wanted */
      N_ ("Declined"), N_ ("You did not want to receive this."),
      N_ ("If you changed your mind, ask the other person to send it again."),
      PST_FAILURE_STEP_NONE } },

  { PST_ERROR_CANCELLED,
    FOR_HOST | FOR_MEETING,
    { /* Translators: the title of a failure: somebody ended it early */
      N_ ("Cancelled"), N_ ("The connection was ended before everything was finished."),
      N_ ("To connect again, make a new code."), PST_FAILURE_STEP_NEW_CODE } },
  { PST_ERROR_CANCELLED,
    FOR_GUEST,
    { /* Translators: the title of a failure: somebody ended it early */
      N_ ("Cancelled"), N_ ("The connection was ended before everything was finished."),
      N_ ("To connect again, ask for a new code and enter it."), PST_FAILURE_STEP_ENTER_CODE } },
  { PST_ERROR_CANCELLED,
    FOR_SENDER,
    { /* Translators: the title of a failure: somebody ended it early */
      N_ ("Cancelled"), N_ ("The transfer was cancelled before everything was sent."),
      N_ ("Send it again if it is still wanted."), PST_FAILURE_STEP_RETRY } },
  { PST_ERROR_CANCELLED,
    FOR_RECEIVER,
    { /* Translators: the title of a failure: somebody ended it early */
      N_ ("Cancelled"),
      N_ ("The transfer was cancelled before everything arrived. Files that are complete were "
          "kept."),
      N_ ("Ask the other person to send the rest if you still want it."), PST_FAILURE_STEP_NONE } },

  { PST_ERROR_SOURCE,
    FOR_CONNECTION | FOR_SENDER,
    { N_ ("File Not Readable"), N_ ("Something that was to be sent is missing or cannot be read."),
      N_ ("Check that it is still there and may be read, then choose the files again."),
      PST_FAILURE_STEP_CHOOSE_FILES } },
  { PST_ERROR_SOURCE,
    FOR_RECEIVER,
    { N_ ("File Not Readable"),
      N_ ("The other person’s machine could not read something it offered."),
      N_ ("Ask the other person to check the files and send them again."),
      PST_FAILURE_STEP_NONE } },

  { PST_ERROR_CHANGED,
    FOR_CONNECTION | FOR_SENDER,
    { N_ ("File Changed"), N_ ("A file changed while it was being sent."),
      N_ ("Wait until no app writes to it, then try again."), PST_FAILURE_STEP_RETRY } },
  { PST_ERROR_CHANGED,
    FOR_RECEIVER,
    { N_ ("File Changed"), N_ ("A file changed on the other machine while it was being sent."),
      N_ ("Ask the other person to send it again."), PST_FAILURE_STEP_NONE } },

  { PST_ERROR_DESTINATION,
    FOR_CONNECTION | FOR_RECEIVER,
    { N_ ("Folder Not Writable"), N_ ("Nothing can be written to the folder for received files."),
      N_ ("Choose another folder, then ask the other person to send again."),
      PST_FAILURE_STEP_CHOOSE_FOLDER } },
  { PST_ERROR_DESTINATION,
    FOR_SENDER,
    { N_ ("Their Folder Failed"), N_ ("The other person’s machine cannot write to its folder."),
      N_ ("Ask them to choose another folder, then try again."), PST_FAILURE_STEP_RETRY } },

  { PST_ERROR_DISK_FULL,
    FOR_CONNECTION | FOR_RECEIVER,
    { N_ ("Disk Full"), N_ ("There is not enough space for what was to be received."),
      N_ ("Free some space or choose another folder, then ask the other person to send again."),
      PST_FAILURE_STEP_CHOOSE_FOLDER } },
  { PST_ERROR_DISK_FULL,
    FOR_SENDER,
    { N_ ("Their Disk Is Full"), N_ ("There is not enough space on the other person’s disk."),
      N_ ("Ask them to free some space, then try again."), PST_FAILURE_STEP_RETRY } },

  { PST_ERROR_LIMIT,
    FOR_MEETING,
    { N_ ("Not Possible Now"), N_ ("An earlier attempt to meet this device has not gone yet."),
      N_ ("Try again in some minutes."), PST_FAILURE_STEP_RETRY } },
  { PST_ERROR_LIMIT,
    FOR_CONNECTION | FOR_SENDER,
    { N_ ("Too Much at Once"), N_ ("These are more files than can be sent at once."),
      N_ ("Choose fewer files, or pack them into an archive and send that."),
      PST_FAILURE_STEP_CHOOSE_FILES } },
  { PST_ERROR_LIMIT,
    FOR_RECEIVER,
    { N_ ("Too Much at Once"), N_ ("This is more than can be received at once."),
      N_ ("Choose whole folders or fewer single files, or ask for an archive instead."),
      PST_FAILURE_STEP_NONE } },

  { PST_ERROR_UNVERIFIED,
    FOR_ALL,
    { /* Translators: the title of a failure: the two people did not see the same words */
      N_ ("Words Differ"),
      N_ ("The words were not the same on both screens, so the connection was ended."),
      N_ ("Start again with a new code, and tell it in a way that nobody else can hear."),
      PST_FAILURE_STEP_NEW_CODE } },
};

/* What the camera and the files that come in say; all else of G_IO_ERROR is a failure. */
static const Text io_texts[] = {
  { G_IO_ERROR_NOT_FOUND,
    FOR_CONNECTION,
    { N_ ("No Camera Found"), N_ ("This machine has no camera that can be used."),
      N_ ("Scan the code from an image, or enter it."), PST_FAILURE_STEP_SCAN_IMAGE } },
  { G_IO_ERROR_NOT_FOUND,
    FOR_TRANSFER,
    { N_ ("Not There Any More"), N_ ("The file or folder was moved or deleted."),
      N_ ("Look for it in the file manager."), PST_FAILURE_STEP_NONE } },
  { G_IO_ERROR_PERMISSION_DENIED,
    FOR_CONNECTION,
    { N_ ("Camera Not Allowed"), N_ ("Penstock may not use the camera."),
      N_ ("Allow Penstock to use the camera in the system settings, or scan the code from an "
          "image."),
      PST_FAILURE_STEP_SCAN_IMAGE } },
  { G_IO_ERROR_PERMISSION_DENIED,
    FOR_TRANSFER,
    { N_ ("Not Allowed"), N_ ("Penstock may not use this file or folder."),
      N_ ("Change who may use it in the file manager, then choose the files again."),
      PST_FAILURE_STEP_CHOOSE_FILES } },
  { G_IO_ERROR_NOT_SUPPORTED,
    FOR_ALL,
    { N_ ("Folder Hidden"), N_ ("The system’s sandbox hides the folder you dropped from Penstock."),
      N_ ("Use Choose Folder instead."), PST_FAILURE_STEP_CHOOSE_FILES } },
};

static const Text *
find_text (const Text *candidates, guint n, int code, PstFailureRole role)
{
  for (guint i = 0; i < n; i++)
    if (candidates[i].code == code && (candidates[i].roles & (1u << role)) != 0)
      return &candidates[i];

  return NULL;
}

/**
 * pst_failure_describe:
 * @error: what went wrong: a %PST_ERROR; also %G_IO_ERROR_NOT_FOUND and
 *   %G_IO_ERROR_PERMISSION_DENIED of the camera (roles of a connection), and
 *   %G_IO_ERROR_NOT_SUPPORTED for a dropped folder that the sandbox hides
 * @role: who meets it
 *
 * Puts an error into a person's words by its code alone: the engine's own
 * message is not translated and stands in pst_failure_details().
 *
 * Returns: the words; no text of them is ever %NULL or empty
 */
PstFailure
pst_failure_describe (const GError *error, PstFailureRole role)
{
  const Text *text = NULL;

  if (error->domain == PST_ERROR)
    text = find_text (texts, G_N_ELEMENTS (texts), error->code, role);
  else if (error->domain == G_IO_ERROR)
    text = find_text (io_texts, G_N_ELEMENTS (io_texts), error->code, role);
  if (text == NULL)
    text = find_text (texts, G_N_ELEMENTS (texts), PST_ERROR_FAILED, role);

  return (PstFailure){
    .title = _ (text->failure.title),
    .sentence = _ (text->failure.sentence),
    .advice = _ (text->failure.advice),
    .step = text->failure.step,
  };
}

/**
 * pst_failure_step_label:
 * @step: what a button could do
 *
 * Returns: (transfer none) (nullable): the button's label with a mnemonic;
 *   %NULL for %PST_FAILURE_STEP_NONE
 */
const char *
pst_failure_step_label (PstFailureStep step)
{
  switch (step)
    {
    case PST_FAILURE_STEP_RETRY:
      return _ ("_Try Again");
    case PST_FAILURE_STEP_NEW_CODE:
      return _ ("_New Code");
    case PST_FAILURE_STEP_ENTER_CODE:
      return _ ("_Enter Code");
    case PST_FAILURE_STEP_CHOOSE_FOLDER:
      return _ ("Choose F_older…");
    case PST_FAILURE_STEP_PREFERENCES:
      return _ ("_Preferences");
    case PST_FAILURE_STEP_CHOOSE_FILES:
      return _ ("Choose _Files…");
    case PST_FAILURE_STEP_SCAN_IMAGE:
      return _ ("Scan from _Image…");
    case PST_FAILURE_STEP_NONE:
    default:
      return NULL;
    }
}

/* Names in a message are escaped already, so its backslashes stay as they are. */
static char *
escape_message (const char *message)
{
  g_auto (GStrv) parts = g_strsplit (message, "\\", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    {
      char *shown = pst_escape_name (parts[i], -1);

      g_free (parts[i]);
      parts[i] = shown;
    }

  return g_strjoinv ("\\", parts);
}

/**
 * pst_failure_details:
 * @error: what went wrong
 *
 * Gives what somebody who helps needs to know: the program's version, the
 * error's stable name and the engine's own message, which is not translated.
 *
 * Returns: (transfer full): text for the clipboard, fit to be shown
 */
char *
pst_failure_details (const GError *error)
{
  g_autofree char *message = escape_message (error->message);

  if (error->domain == PST_ERROR)
    return g_strdup_printf ("Penstock " PST_VERSION "\n%s: %s\n%s",
                            g_quark_to_string (error->domain), pst_error_to_name (error), message);

  return g_strdup_printf ("Penstock " PST_VERSION "\n%s: %d\n%s", g_quark_to_string (error->domain),
                          error->code, message);
}

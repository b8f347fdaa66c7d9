/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-device.h"

#include <string.h>

#include "pst-error.h"

static PstDevice *
make_device (const char *name)
{
  guint8 bytes[PST_DEVICE_SECRET_BYTES] = { 7 };
  g_autoptr (GBytes) secret = g_bytes_new (bytes, sizeof bytes);

  return pst_device_new (name, secret, 1700000000);
}

static void
test_round_trip (void)
{
  g_autoptr (GPtrArray) list = pst_device_list_new ();
  g_autoptr (GPtrArray) again = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  PstDevice *device = make_device ("Büro");

  device->accepts = TRUE;
  g_ptr_array_add (list, device);
  g_ptr_array_add (list, make_device ("anna"));
  text = pst_device_list_print (list);
  again = pst_device_list_parse (text, strlen (text), &error);

  g_assert_no_error (error);
  g_assert_cmpuint (again->len, ==, 2);
  device = pst_device_list_find (again, "Büro");
  g_assert_cmpint (device->secret[0], ==, 7);
  g_assert_true (device->accepts);
  g_assert_cmpint (device->since_s, ==, 1700000000);
  g_assert_false (pst_device_list_find (again, "anna")->accepts);
  g_assert_null (pst_device_list_find (again, "Anna"));
}

#define SECRET        "0707070707070707070707070707070707070707070707070707070707070707"
#define NO_SECRET     "x707070707070707070707070707070707070707070707070707070707070707"
#define DEVICE(name)  "{\"name\":\"" name "\",\"secret\":\"" SECRET "\",\"since\":1}"
#define LIST(devices) "{\"version\":1,\"devices\":[" devices "]}"

static void
test_refusals (void)
{
  static const char *const bad[] = {
    "",
    "{}",
    "{\"version\":1}",
    "{\"version\":2,\"devices\":[]}",
    LIST ("{}"),
    LIST ("{\"name\":\"a\",\"since\":1}"),
    LIST (DEVICE ("0123456789012345678901234567890123456789012345678901234567890123x")),
    LIST ("{\"name\":\"a\",\"secret\":\"" NO_SECRET "\",\"since\":1}"),
    LIST ("1"),
    LIST (DEVICE ("")),
    LIST (DEVICE (" a")),
    LIST (DEVICE ("a\\nb")),
    LIST (DEVICE ("a\\u202eb")),
    LIST (DEVICE ("a") "," DEVICE ("a")),
    LIST ("{\"name\":\"a\",\"secret\":\"07\",\"since\":1}"),
    LIST ("{\"name\":\"a\",\"secret\":\"" SECRET "07\",\"since\":1}"),
    LIST ("{\"name\":\"a\",\"secret\":\"" SECRET "\"}"),
    LIST ("{\"name\":\"a\",\"secret\":\"" SECRET "\",\"since\":1,\"accepts\":1}"),
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (pst_device_list_parse (bad[i], strlen (bad[i]), &error));
      g_assert_nonnull (error);
    }
}

/* As many devices with names as long as there may be, and one more. */
static void
test_caps (void)
{
  g_autoptr (GPtrArray) list = pst_device_list_new ();
  g_autoptr (GPtrArray) full = NULL;
  g_autofree char *text = NULL;
  g_autofree char *too_long = NULL;

  for (guint i = 0; i < PST_DEVICES_MAX; i++)
    {
      g_autofree char *name = g_strdup_printf ("%0*u", PST_DEVICE_MAX_NAME_BYTES, i);

      g_ptr_array_add (list, make_device (name));
    }
  text = pst_device_list_print (list);
  full = pst_device_list_parse (text, strlen (text), NULL);
  g_assert_nonnull (full);

  g_ptr_array_add (list, make_device ("one more"));
  too_long = pst_device_list_print (list);
  g_assert_null (pst_device_list_parse (too_long, strlen (too_long), NULL));
}

static void
test_names (void)
{
  static const struct
  {
    const char *wish;
    const char *name;
  } cases[] = {
    { "anna", "anna" }, { "  anna ", "anna" }, { NULL, "device" },           { "", "device" },
    { "\\n", "n" },     { " \\ ", "device" },  { "\\u202eabc", "u202eabc" },
  };
  g_autofree char *long_wish = g_strnfill (PST_DEVICE_MAX_NAME_BYTES - 1, 'a');
  g_autofree char *wish = g_strconcat (long_wish, "ü", NULL);
  g_autofree char *cut = pst_device_make_name (wish);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = pst_device_make_name (cases[i].wish);

      g_assert_cmpstr (name, ==, cases[i].name);
      g_assert_true (pst_device_check_name (name, NULL));
    }
  g_assert_cmpstr (cut, ==, long_wish);
  g_assert_false (pst_device_check_name (wish, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/device/round-trip", test_round_trip);
  g_test_add_func ("/device/refusals", test_refusals);
  g_test_add_func ("/device/caps", test_caps);
  g_test_add_func ("/device/names", test_names);
  return g_test_run ();
}

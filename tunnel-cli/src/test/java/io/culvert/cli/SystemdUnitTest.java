package io.culvert.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The unit that {@code --generate systemd} prints. */
final class SystemdUnitTest {
  private static final String[] AGENT = {
    "agent",
    "--relay",
    "wss://relay.example.com",
    "--name",
    "pets",
    "--to",
    "3000",
    "--token-file",
    "/etc/culvert/pets 100%.token",
    "--host-header",
    "/a\"b$c d%e",
    "--generate",
    "systemd"
  };

  @TempDir Path directory;

  @Test
  void theCommandIsTheOneThatWasTyped() {
    assertEquals(
        "ExecStart=/usr/local/bin/culvert agent --log text --relay wss://relay.example.com --name"
            + " pets --to 3000 --token-file ${CREDENTIALS_DIRECTORY}/token-file --host-header"
            + " \"/a\\\"b$$c d%%e\"",
        line(Run.of(AGENT).out(), "ExecStart="));
  }

  @Test
  void theTokenIsACredential() {
    assertEquals(
        "LoadCredential=token-file:/etc/culvert/pets 100%%.token",
        line(Run.of(AGENT).out(), "LoadCredential="));
  }

  @Test
  void aTokenOnTheCommandLineDoesNotGetIntoTheUnit() {
    Run run =
        Run.of(
            "agent",
            "--relay",
            "ws://localhost",
            "--name",
            "pets",
            "--to",
            "1",
            "--token",
            "cvt_secret",
            "--generate",
            "systemd");
    assertEquals(ExitCodes.OK, run.status());
    assertFalse(run.out().contains("secret"), run.out());
  }

  @Test
  void onlyARelayOnALowPortMayBindOne() {
    String low = Run.of("relay", "--port", "443", "--generate", "systemd").out();
    assertEquals("AmbientCapabilities=CAP_NET_BIND_SERVICE", line(low, "AmbientCapabilities="));
    String high = Run.of("relay", "--port", "8443", "--generate", "systemd").out();
    assertEquals("", line(high, "AmbientCapabilities="));
    assertEquals("CapabilityBoundingSet=", line(high, "CapabilityBoundingSet="));
  }

  @Test
  void systemdFindsNothingWrongWithIt() throws Exception {
    Path verifier = Path.of("/usr/bin/systemd-analyze");
    assumeTrue(Files.isExecutable(verifier), "no systemd here");
    // The verifier looks whether the program is there.
    for (String unit :
        List.of(
            Run.of(AGENT).out(), Run.of("relay", "--port", "80", "--generate", "systemd").out())) {
      Path file = directory.resolve("culvert-test.service");
      Files.writeString(file, unit.replace("/usr/local/bin/culvert", "/bin/true"));
      Process process =
          new ProcessBuilder(verifier.toString(), "verify", "--man=no", file.toString())
              .redirectErrorStream(true)
              .start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(process.waitFor(20, TimeUnit.SECONDS));
      assertFalse(said.contains("culvert-test.service"), said);
      assertEquals(0, process.exitValue(), said);
    }
  }

  private static String line(String unit, String start) {
    return unit.lines().filter(line -> line.startsWith(start)).findFirst().orElse("");
  }
}

package io.culvert.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.relay.access.Grant;
import io.culvert.relay.access.Scope;
import io.culvert.relay.access.TokenFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens: how they are made, and where a command finds its own. */
final class TokenTest {
  private static final String[] AGENT = {
    "agent", "--relay", "wss://relay.example", "--name", "pets", "--to", "1"
  };

  @TempDir Path directory;

  @Test
  void whatIsMadeIsATokenThatARelayTakes() throws IOException {
    Path token = directory.resolve("pets.token");
    Run run =
        Run.of(
            "token",
            "--identity",
            "a\"nn",
            "--scope",
            "serve:pets,connect:*",
            "--out",
            token.toString());
    Path file = Files.writeString(directory.resolve("tokens.yaml"), run.out());
    String secret = Files.readString(token).strip();
    try (TokenFile known = TokenFile.open(file)) {
      Grant grant = known.grant(secret).orElseThrow();
      assertEquals("a\"nn", grant.identity());
      assertTrue(grant.allows(Scope.serve("pets")));
      assertTrue(grant.allows(Scope.connect("other")));
      assertFalse(grant.allows(Scope.serve("other")));
      assertFalse(grant.allows(Scope.admin()));
    }
    assertFalse((run.out() + run.err()).contains(secret));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(token)));
  }

  @Test
  void aTokenDoesNotReplaceAnother() throws IOException {
    Path token = Files.writeString(directory.resolve("pets.token"), "old");
    Run run = Run.of("token", "--identity", "a", "--scope", "admin", "--out", token.toString());
    assertEquals(ExitCodes.USAGE, run.status());
    assertEquals("old", Files.readString(token));
  }

  @Test
  void withoutAFileTheTokenIsShownApartFromItsEntry() {
    Run run = Run.of("token", "--identity", "ann", "--scope", "admin");
    String token = run.err().strip().replaceFirst(".*: ", "");
    assertTrue(run.out().contains(TokenFile.hash(token)), run.out());
    assertFalse(run.out().contains(token));
  }

  @Test
  void theTokenComesFromAFile() throws IOException {
    Path file = Files.writeString(directory.resolve("t"), "cvt_abc \nrest\n");
    assertEquals(Optional.of("cvt_abc"), token(Run.of(with("--token-file", file.toString()))));
  }

  @Test
  void theTokenComesFromTheEnvironmentWithoutAWarning() {
    Run run = Run.in(Map.of("CULVERT_TOKEN", "cvt_abc"), AGENT);
    assertEquals(Optional.of("cvt_abc"), token(run));
    assertEquals("", run.err());
  }

  @Test
  void theTokenOnTheCommandLineIsTakenWithAWarningThatDoesNotShowIt() {
    Run run = Run.of(with("--token", "cvt_abc"));
    assertEquals(Optional.of("cvt_abc"), token(run));
    assertEquals(
        "culvert agent: warning: others on this machine can see the token in the list of processes;"
            + " use --token-file or CULVERT_TOKEN",
        run.err().strip());
  }

  @Test
  void aPersonIsAskedIfThereIsOneAndTheRelayIsElsewhere() {
    assertEquals(Optional.of("cvt_typed"), token(Run.typing("cvt_typed", AGENT)));
    assertEquals(Optional.empty(), token(Run.typing("", AGENT)));
    String[] near = AGENT.clone();
    near[2] = "ws://localhost:8080";
    assertEquals(Optional.empty(), token(Run.typing("cvt_typed", near)));
    assertEquals(Optional.empty(), token(Run.of(AGENT)));
  }

  @Test
  void settingsDoNotShowTheToken() {
    String text = Run.in(Map.of("CULVERT_TOKEN", "cvt_abc"), AGENT).settings.get(0).toString();
    assertFalse(text.contains("cvt_abc"), text);
  }

  private static Optional<String> token(Run run) {
    return ((AgentSettings) run.settings.get(0)).dial().token();
  }

  private static String[] with(String... more) {
    String[] all = java.util.Arrays.copyOf(AGENT, AGENT.length + more.length);
    System.arraycopy(more, 0, all, AGENT.length, more.length);
    return all;
  }
}

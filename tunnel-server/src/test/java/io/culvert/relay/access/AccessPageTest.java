package io.culvert.relay.access;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The examples in docs/access.md are files that can be read. */
class AccessPageTest {
  private static final Path PAGE = Path.of("../docs/access.md");
  private static final Pattern EXAMPLE = Pattern.compile("(?s)```yaml\n(.*?)```");

  @Test
  void theExamplesAreRead() throws Exception {
    List<byte[]> examples =
        EXAMPLE.matcher(Files.readString(PAGE)).results().map(AccessPageTest::filledIn).toList();

    assertEquals(
        Set.of(Scope.parse("serve:pets"), Scope.parse("connect:*")),
        TokenFileFormat.parse(PAGE, examples.get(0)).get(0).scopes());
    assertEquals(
        Set.of("*", "pets", "api"), PublicAccessFormat.parse(PAGE, examples.get(1)).keySet());
  }

  private static byte[] filledIn(MatchResult example) {
    return example
        .group(1)
        .replace("HASH", TokenFile.hash("x"))
        .replace("PASSWORD", PasswordHash.of("x", PasswordHash.MIN_ITERATIONS).text())
        .getBytes(StandardCharsets.UTF_8);
  }
}

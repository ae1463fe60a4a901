package io.culvert.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Wrong input is answered with one line, exit status 2, and nothing on standard output. */
final class WrongInputTest {
  private static final String DIAL = "--relay ws://localhost:1 --name pets";

  private static final Set<String> COMMANDS =
      Set.of("relay", "agent", "connect", "status", "token");

  @TempDir Path directory;

  /** Arguments, then what is said between the command's name and where to read on. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''                                | expected a command: relay, agent, connect, status, token, version, generate-completion
          rely                              | unknown command rely, did you mean relay?
          --prot                            | unknown option --prot
          relay --domian x                  | unknown option --domian, did you mean --domain?
          relay --log-format json           | unknown option --log-format, did you mean --log?
          relay 8080                        | unexpected argument 8080
          relay --port                      | --port needs a value
          relay --port abc                  | --port: expected a TCP port from 0 to 65535, but got abc
          relay --port 65536                | --port: expected a TCP port from 0 to 65535, but got 65536
          relay --port 1 --port 2           | --port is given twice; keep one
          relay --heartbeat 10              | --heartbeat: expected a duration such as 500ms, 10s, 2m or 1h, but got 10
          relay --heartbeat 0               | --heartbeat: expected more than 0
          relay --domain a/b                | --domain: expected a host name, but got a/b
          relay --default-name Pets         | --default-name: expected one label of a host name in lower case, but got Pets
          relay --tls-cert pom.xml          | --tls-cert and --tls-key go together; give both
          relay --token-file none.yaml      | --token-file: there is no file none.yaml
          relay --access-file src           | --access-file: expected a file, but src is a directory
          relay --bind 0.0.0.0              | --bind 0.0.0.0 would let everybody be an agent: give --token-file or --jwt-issuer, or bind 127.0.0.1
          relay --jwt-audience x            | --jwt-audience needs --jwt-issuer
          relay --jwt-issuer x              | --jwt-issuer needs --jwt-audience
          relay --jwt-issuer x --jwt-audience y --jwt-keys http://z | --jwt-keys: keys have to come by https://, but got http://z
          relay --log xml                   | --log: expected one of text, json, but got xml
          relay --config none.yaml          | there is no file none.yaml, which --config names
          agent                             | missing --relay (or CULVERT_RELAY) and --name (or CULVERT_NAME)
          agent --nam pets                  | unknown option --nam, did you mean --name?
          agent --name pets                 | missing --relay (or CULVERT_RELAY)
          agent DIAL                        | missing what to serve: give --to URL, --serve DIR or --openapi FILE
          agent DIAL --to 1 --serve src     | --to, --serve and --openapi exclude each other; keep one
          agent DIAL --to localhost:3000    | --to: expected a URL, did you mean http://localhost:3000?
          agent DIAL --to ftp://localhost   | --to: expected a URL such as http://localhost:3000, but got ftp://localhost
          agent DIAL --to http://h/api      | --to: requests keep their own paths, so leave /api away
          agent DIAL --to http://u:p@h      | --to: neither a user nor a query has a place in it
          agent DIAL --to 1 --insecure-upstream | --insecure-upstream is only for --to https://...
          agent DIAL --to 1 --health often  | --health: expected a duration such as 500ms, 10s, 2m or 1h, but got often
          agent DIAL --to 1 --id a/b        | --id: expected 1 to 64 of A-Z a-z 0-9 . _ -, but got a/b
          agent DIAL --serve none           | --serve: there is no directory none
          agent DIAL --to 1 --token a --token-file b | --token and --token-file are both given; keep one
          agent --name a.b --relay ws://h --to 1 | --name: expected one label of a host name in lower case, such as pets, but got a.b
          agent --name pets --to 1 --relay https://h:1 | --relay: expected ws:// or wss://, did you mean wss://h:1?
          agent --name pets --to 1 --relay h:1 | --relay: expected a URL such as wss://relay.example.com, but got h:1
          agent --name pets --to 1 --relay ws://t@h | --relay: a token has no place in the URL; use --token-file
          connect DIAL                      | missing --listen (or CULVERT_LISTEN)
          connect DIAL --listen http        | --listen: expected PORT or ADDRESS:PORT, but got http
          status --admin x                  | --admin: expected a URL such as http://127.0.0.1:9191, but got x
          token --identity ann --scope push:a | --scope: expected serve:NAME, connect:NAME or admin as a scope, with * or one label of a host name as NAME, but got push:a
          """)
  void oneLineSaysWhatIsWrong(String line, String expected) {
    String typed = line.replace("DIAL", DIAL);
    Run run = Run.of(words(typed));
    String first = words(typed + " ")[0];
    boolean known = COMMANDS.contains(first) && !typed.contains("--config");
    String name = known ? "culvert " + first : "culvert";
    String see = typed.contains("--config") ? "" : "; see " + name + " --help";
    assertEquals(name + ": " + expected + see + System.lineSeparator(), run.err());
    assertEquals("", run.out());
    assertEquals(ExitCodes.USAGE, run.status());
    assertEquals(0, run.settings.size());
  }

  @Test
  void whatIsWrongInTheEnvironmentIsNamedByItsVariable() {
    Run run = Run.in(Map.of("CULVERT_PORT", "http"), "relay");
    assertEquals(
        "culvert relay: --port (CULVERT_PORT): expected a TCP port from 0 to 65535, but got http;"
            + " see culvert relay --help",
        run.err().strip());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          port: 1#prot: 2        | FILE line 2: there is no option prot; see culvert relay --help
          config: other.yaml     | FILE line 1: there is no option config; see culvert relay --help
          port: 1#port: 2        | FILE line 2: port is in line 1 too; keep one
          port:                  | FILE line 1: port needs one value, or a list of values
          tls: {cert: a}         | FILE line 1: tls needs one value, or a list of values
          - port                 | FILE line 1: expected lines like port: 8080
          domain: x#port: "8     | FILE line 3: this is no YAML: found unexpected end of stream
          """)
  void whatIsWrongInTheFileIsNamedByItsLine(String text, String expected) throws IOException {
    Path file = directory.resolve("relay.yaml");
    Files.writeString(file, text.replace("#", "\n") + "\n");
    Run run = Run.of("relay", "--config", file.toString());
    String said = run.err().strip().replaceFirst("^culvert( relay)?: ", "");
    assertEquals(expected.replace("FILE", file.toString()), said);
    assertEquals(ExitCodes.USAGE, run.status());
  }

  @Test
  void aWrongValueInTheFileIsNamedByItsLine() throws IOException {
    Path file = Files.writeString(directory.resolve("relay.yaml"), "domain: a\nport: x\n");
    String said = Run.of("relay", "--config", file.toString()).err();
    assertTrue(
        said.startsWith("culvert relay: --port (" + file + " line 2): expected a TCP"), said);
  }

  /** A secret may be the very thing that is wrong. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "--token se{cret",
        "--tokne=secret",
        "--token secret --token secret",
        "--token secret --token-file pom.xml",
        "--token secret --prot 1",
        "--token secret --relay h"
      })
  void noSecretIsSaid(String args) {
    Run run = Run.of(words("agent --name pets --to 1 --relay ws://localhost " + args));
    assertFalse(run.err().contains("cret"), run.err());
    assertEquals(ExitCodes.USAGE, run.status());
  }

  private static String[] words(String line) {
    return line.isEmpty() ? new String[0] : line.strip().split(" ", -1);
  }
}

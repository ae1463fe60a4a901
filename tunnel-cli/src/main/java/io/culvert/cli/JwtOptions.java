package io.culvert.cli;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The options of a relay that takes JWTs. */
@Command
final class JwtOptions {
  @Option(
      names = "--jwt-issuer",
      paramLabel = "ISSUER",
      description = "Takes JWTs with this iss instead of a token file's tokens. Default: none.")
  String issuer;

  @Option(
      names = "--jwt-audience",
      paramLabel = "AUDIENCE",
      description = "What aud must hold; needed with --jwt-issuer.")
  String audience;

  @Option(
      names = "--jwt-keys",
      paramLabel = "URL|FILE",
      description =
          "The issuer's public keys: a JWK set at an https URL, or in a file. Needed with"
              + " --jwt-issuer.")
  String keys;

  @Option(
      names = "--jwt-claim",
      paramLabel = "CLAIM",
      defaultValue = "scope",
      description =
          "The claim that has the scopes, such as \"serve:pets connect:pets\". Default: scope.")
  String claim;

  /** What they say, checked; empty without an issuer. */
  Optional<JwtSettings> settings() {
    if (issuer == null) {
      if (audience != null || keys != null) {
        throw CliException.usage(
            (audience != null ? "--jwt-audience" : "--jwt-keys") + " needs --jwt-issuer");
      }
      return Optional.empty();
    }
    if (audience == null) {
      throw CliException.usage("--jwt-issuer needs --jwt-audience");
    }
    if (keys == null) {
      throw CliException.usage("--jwt-issuer needs --jwt-keys");
    }
    return Optional.of(new JwtSettings(issuer, audience, keys(), claim));
  }

  private URI keys() {
    if (keys.startsWith("https://")) {
      try {
        return URI.create(keys);
      } catch (IllegalArgumentException e) {
        throw CliException.usage("--jwt-keys: this is no URL: " + keys);
      }
    }
    if (keys.startsWith("http://")) {
      throw CliException.usage("--jwt-keys: keys have to come by https://, but got " + keys);
    }
    return OptionFiles.readable("--jwt-keys", Path.of(keys)).orElseThrow().toUri();
  }
}

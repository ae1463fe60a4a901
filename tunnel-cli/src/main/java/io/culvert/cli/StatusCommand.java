package io.culvert.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code culvert status}. */
@Command(
    name = "status",
    sortOptions = false,
    description = "Lists the names that a relay serves, and their agents and callers.",
    optionListHeading = "%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  culvert status --admin http://127.0.0.1:9191 --token-file admin.token",
      "  culvert status --json | jq '.connections[] | select(.health.healthy | not) | .name'"
    })
final class StatusCommand implements Callable<Integer> {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final Surroundings surroundings;

  @Spec CommandSpec spec;

  @Option(
      names = "--admin",
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:9191",
      description = "The relay's --admin-port. Default: http://127.0.0.1:9191.")
  String admin;

  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      description =
          "A token with the scope admin, if the relay takes tokens. Others on this machine can see"
              + " a command line: better --token-file, or CULVERT_TOKEN in the environment.")
  String token;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "File whose first line is the token.")
  Path tokenFile;

  @Option(names = "--json", description = "Prints what the relay says as JSON.")
  boolean json;

  @Mixin ConfigOption config;
  @Mixin HelpOption help;

  StatusCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() {
    HttpResponse<String> answer = ask(url());
    if (answer.statusCode() == 401 || answer.statusCode() == 403) {
      throw CliException.refused(
          "the relay wants a token with the scope admin: give --token-file or CULVERT_TOKEN", null);
    }
    if (answer.statusCode() != 200) {
      throw CliException.failed(
          admin + " answers with " + answer.statusCode() + "; is it a relay's --admin-port?", null);
    }
    try {
      print(JsonParser.parseString(answer.body()));
    } catch (JsonParseException | IllegalStateException | NullPointerException e) {
      throw CliException.failed(
          admin + " is no relay's --admin-port: it answers something else", e);
    }
    return ExitCodes.OK;
  }

  private void print(JsonElement status) {
    PrintWriter out = surroundings.out();
    if (json) {
      out.println(status);
    } else {
      StatusTable.of(status.getAsJsonObject(), Instant.now()).forEach(out::println);
    }
  }

  private HttpResponse<String> ask(URI url) {
    HttpRequest.Builder request = HttpRequest.newBuilder(url).timeout(TIMEOUT);
    new Token.Source(spec, surroundings)
        .find(token, tokenFile, true)
        .ifPresent(found -> request.header("Authorization", "Bearer " + found));
    HttpClient client = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
    try {
      return client.send(request.build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw CliException.unreachable(
          "no relay answers at " + admin + "; was it started with --admin-port?", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CliException.failed("interrupted", e);
    }
  }

  private URI url() {
    try {
      URI url = URI.create(admin);
      boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
      if (url.getHost() != null && http) {
        return url.resolve("/status");
      }
    } catch (IllegalArgumentException e) {
      // Said below.
    }
    throw CliException.usage(
        "--admin: expected a URL such as http://127.0.0.1:9191, but got " + admin);
  }
}

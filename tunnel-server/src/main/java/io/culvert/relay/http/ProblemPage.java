package io.culvert.relay.http;

import java.util.Locale;
import org.eclipse.jetty.util.StringUtil;

/** A problem for people. */
final class ProblemPage {
  private ProblemPage() {}

  /** One page without script or anything that is fetched; nothing in it is taken for markup. */
  static String html(Problem problem, String type, String requestId) {
    return """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>%1$d %2$s</title>
        <style>
        body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 10vh auto; padding: 0 1rem }
        h1 { font-size: 1.5rem } dl { display: grid; grid-template-columns: auto 1fr; gap: 0 1rem }
        dt { color: gray } dd { margin: 0; overflow-wrap: anywhere }
        </style>
        </head>
        <body>
        <h1>%1$d %2$s</h1>
        <p>%3$s</p>
        <p>%4$s</p>
        <dl>
        <dt>failed at</dt><dd>%5$s</dd>
        <dt>code</dt><dd>%6$s</dd>
        <dt>about</dt><dd>%7$s</dd>
        <dt>request</dt><dd>%8$s</dd>
        </dl>
        </body>
        </html>
        """
        .formatted(
            problem.status(),
            escape(problem.title()),
            escape(problem.detail()),
            delivered(problem),
            hop(problem),
            escape(problem.code()),
            escape(type),
            escape(requestId));
  }

  /** The same without markup. */
  static String text(Problem problem, String type, String requestId) {
    StringBuilder text = new StringBuilder();
    text.append(problem.status()).append(' ').append(problem.title()).append('\n');
    if (!problem.detail().isEmpty()) {
      text.append(problem.detail()).append('\n');
    }
    return text.append(delivered(problem))
        .append("\nfailed at: ")
        .append(hop(problem))
        .append("\ncode: ")
        .append(problem.code())
        .append("\nabout: ")
        .append(type)
        .append("\nrequest: ")
        .append(requestId)
        .append('\n')
        .toString();
  }

  private static String delivered(Problem problem) {
    return switch (problem.delivered()) {
      case NO -> "The request has not reached the service.";
      case YES -> "The request has reached the service.";
      case UNKNOWN -> "Nobody can tell whether the request has reached the service.";
    };
  }

  private static String hop(Problem problem) {
    return problem.hop().name().toLowerCase(Locale.ROOT);
  }

  private static String escape(String text) {
    return StringUtil.sanitizeXmlString(text);
  }
}

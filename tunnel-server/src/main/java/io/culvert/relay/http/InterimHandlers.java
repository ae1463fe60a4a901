package io.culvert.relay.http;

import org.eclipse.jetty.client.ContinueProtocolHandler;
import org.eclipse.jetty.client.EarlyHintsProtocolHandler;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.ProcessingProtocolHandler;
import org.eclipse.jetty.client.ProtocolHandlers;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.UpgradeProtocolHandler;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpStatus;

/** Passes interim responses on to the client that waits for the final one. */
final class InterimHandlers {
  private InterimHandlers() {}

  /** In place of all those that the client has: redirects and credentials are the client's. */
  static void install(HttpClient client) {
    ProtocolHandlers handlers = client.getProtocolHandlers();
    handlers.clear();
    handlers.put(new Continue());
    handlers.put(new Processing());
    handlers.put(new EarlyHints());
    handlers.put(new Unknown());
    handlers.put(new Upgrade());
  }

  private static void interim(Request request, int status, HttpFields fields) {
    Exchange exchange = (Exchange) request.getAttributes().get(Exchange.ATTRIBUTE);
    exchange.interim(status, fields);
  }

  /**
   * Lets the body begin. The client gets its 100 when the body is first asked for, which is now.
   * Other answers to a request that expects one are answers like all others: Jetty's own way is to
   * gather them.
   */
  private static final class Continue extends ContinueProtocolHandler {
    @Override
    public boolean accept(Request request, Response response) {
      return response.getStatus() == HttpStatus.CONTINUE_100;
    }
  }

  private static final class Processing extends ProcessingProtocolHandler {
    @Override
    protected void onProcessing(Request request, HttpFields fields) {
      interim(request, HttpStatus.PROCESSING_102, fields);
    }
  }

  private static final class EarlyHints extends EarlyHintsProtocolHandler {
    @Override
    protected void onEarlyHints(Request request, HttpFields fields) {
      interim(request, HttpStatus.EARLY_HINTS_103, fields);
    }
  }

  /** Jetty would take one that nobody handles for the final response. */
  private static final class Unknown extends ProcessingProtocolHandler {
    @Override
    public String getName() {
      return "unknown";
    }

    @Override
    public boolean accept(Request request, Response response) {
      int status = response.getStatus();
      return HttpStatus.isInterim(status)
          && status != HttpStatus.CONTINUE_100
          && status != HttpStatus.PROCESSING_102
          && status != HttpStatus.EARLY_HINTS_103;
    }
  }

  private static final class Upgrade extends UpgradeProtocolHandler {
    /** Whatever the protocol is. */
    @Override
    protected boolean acceptHeaders(Request request, Response response) {
      return true;
    }
  }
}

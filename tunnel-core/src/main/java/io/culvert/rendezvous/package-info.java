/** What a relay, its agents and its callers have agreed on; the text is docs/relay.md. */
package io.culvert.rendezvous;

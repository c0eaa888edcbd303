import type { Json } from '../../model/resource.ts';
import type { AttributeLocation } from '../schema/attribute-location.ts';

/** The comparison operators of RFC 7644 section 3.4.2.2, without `pr`. */
export const operators = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'] as const;
/** A comparison operator of a filter. */
export type Operator = (typeof operators)[number];

/** A filter (RFC 7644 section 3.4.2.2) with resolved attribute names. */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Filter[] }
  | { readonly kind: 'not'; readonly part: Filter }
  | { readonly kind: 'present'; readonly location: AttributeLocation }
  | {
      readonly kind: 'compare';
      readonly location: AttributeLocation;
      readonly operator: Operator;
      readonly value: Json;
    }
  /** `emails[type eq "work"]`: at least one element matches; `filter` applies to the element's sub-attributes. */
  | { readonly kind: 'element'; readonly location: AttributeLocation; readonly filter: Filter };
